import type { UsageType } from "../aws/usage-type.ts";

/** What one unit of something costs, and how it is known. */
export interface Price {
  usd: number;
  /** Where it stands: AWS's price list for the region, or a page that was read once. */
  source: string;
  /** The region it is of: prices differ. */
  region: string;
  /** When it was published or read: a day or a year. */
  date: string;
}

/** Prices as far as they could be found out. */
export interface Prices {
  of(usage: UsageType): Price | undefined;
  /** Why AWS's price list could not be asked for what is missing or old, where that is so. */
  trouble?: string;
}

export const priceListSource = "AWS Price List API";

/**
 * What is taken where AWS's price list cannot be asked: the few prices whose source is known. They are of one region,
 * others differ.
 */
export const datedPrices = {
  LoadBalancerUsage: {
    usd: 0.0225,
    source: "https://aws.amazon.com/elasticloadbalancing/pricing/",
    region: "us-east-1",
    date: "2026",
  },
  "PublicIPv4:InUseAddress": {
    usd: 0.005,
    source: "https://aws.amazon.com/vpc/pricing/",
    region: "us-east-1",
    date: "2026",
  },
} satisfies { readonly [U in UsageType]?: Price };
