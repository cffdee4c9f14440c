import { PricingClient, paginateGetProducts } from "@aws-sdk/client-pricing";
import type { Aws } from "./aws.ts";
import { type Unit, type UsageType, unitOf } from "./usage-type.ts";

/** A price as AWS lists it. */
export interface ListedPrice {
  usd: number;
  /** The day AWS published it, like `2026-01-31`. */
  published: string;
}

/** A product as GetProducts tells of it, format aws_v1, as far as it is read ("Reading the service price list file", Billing user guide). */
interface Product {
  product?: { attributes?: Record<string, string> };
  terms?: { OnDemand?: Record<string, { priceDimensions?: Record<string, Dimension> }> };
  publicationDate?: string;
}

interface Dimension {
  unit?: string;
  pricePerUnit?: Record<string, string>;
}

interface Query {
  ServiceCode: string;
  where: Record<string, string>;
}

/**
 * The list's region that is the nearest to ask, of the three that answer ("AWS Price List Query API endpoints", Billing
 * user guide); undefined for regions outside the partition `aws`, whose credentials these do not take.
 */
export function listRegion(region: string): string | undefined {
  if (/^(cn|us-gov|us-iso\w*|eu-iso\w*|eusc)-/.test(region)) return undefined;
  if (region.startsWith("ap-")) return "ap-south-1";
  return /^(eu|me|af|il)-/.test(region) ? "eu-central-1" : "us-east-1";
}

/** A client for `pricing:GetProducts`, which only some regions answer. */
export function priceList(aws: Aws, region: string): PricingClient {
  return aws.client(PricingClient, "pricing", { region });
}

/**
 * The on-demand price of a usage in a region, in USD. Undefined where the list has none that fits, or several: then
 * nobody here knows which it is.
 */
export async function readPrice(
  client: PricingClient,
  region: string,
  usage: UsageType,
  signal: AbortSignal,
): Promise<ListedPrice | undefined> {
  const { ServiceCode, where } = queryFor(usage);
  const Filters = Object.entries({ ...where, regionCode: region }).map(([Field, Value]) => ({
    Type: "TERM_MATCH" as const,
    Field,
    Value,
  }));
  const input = { ServiceCode, Filters, FormatVersion: "aws_v1" };
  const found: Product[] = [];
  for await (const { PriceList = [] } of paginateGetProducts({ client, pageSize: 100 }, input, { abortSignal: signal }))
    for (const text of PriceList) found.push(JSON.parse(`${text}`));
  return onlyPrice(found, usage);
}

/**
 * What GetProducts is asked for. Linux on shared hardware, nothing pre-installed, no reservation: every image that is
 * baked here is billed so. Public addresses have no product family, but a group.
 */
function queryFor(usage: UsageType): Query {
  switch (usage) {
    case "LoadBalancerUsage":
    case "LCUUsage":
      return { ServiceCode: "AWSELB", where: { productFamily: "Load Balancer-Application" } };
    case "PublicIPv4:InUseAddress":
      return { ServiceCode: "AmazonVPC", where: { group: "VPCPublicIPv4Address" } };
    case "EBS:VolumeUsage.gp3":
      return { ServiceCode: "AmazonEC2", where: { productFamily: "Storage", volumeApiName: "gp3" } };
    case "EBS:SnapshotUsage":
      return { ServiceCode: "AmazonEC2", where: { productFamily: "Storage Snapshot" } };
    default:
      return {
        ServiceCode: "AmazonEC2",
        where: {
          instanceType: usage.slice("BoxUsage:".length),
          operatingSystem: "Linux",
          preInstalledSw: "NA",
          licenseModel: "No License required",
          tenancy: "Shared",
          capacitystatus: "Used",
        },
      };
  }
}

const units: Record<Unit, RegExp> = {
  hour: /^(hrs?|hours?)$/i,
  "GB-month": /^GB-(mo|month)$/i,
  "LCU-hour": /^LCU-(hrs?|hours?)$/i,
};

/** Before most usage types stands the region (`APS2-`, `EU-`); what has more before it is something else: `USE1-Outposts-…`, `CAN1-TS-…`. */
function isOf(usage: UsageType, attribute = ""): boolean {
  return attribute.replace(/^(EU|[A-Z]{3}\d{1,2})-/, "") === usage;
}

function onlyPrice(found: readonly Product[], usage: UsageType): ListedPrice | undefined {
  const fitting = found.filter(({ product }) => isOf(usage, product?.attributes?.usagetype));
  const [only, another] = fitting;
  const dimensions = Object.values(only?.terms?.OnDemand ?? {}).flatMap(({ priceDimensions = {} }) =>
    Object.values(priceDimensions),
  );
  // A price in steps is not one price.
  const [dimension, step] = dimensions;
  if (!only || another || !dimension || step || !units[unitOf(usage)].test(dimension.unit ?? "")) return undefined;
  const usd = Number(dimension.pricePerUnit?.USD);
  if (!Number.isFinite(usd)) return undefined;
  return { usd, published: (only.publicationDate ?? "").slice(0, 10) };
}
