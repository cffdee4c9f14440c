import { type UsageType, unitOf } from "../aws/usage-type.ts";
import type { CostItem, Range } from "../documents.ts";
import type { Charges, Snapshots } from "./charges.ts";
import type { Price, Prices } from "./price.ts";

/** AWS's own month ("730 hours in a month", AWS Pricing Calculator): 8,760 hours of a year by 12. */
const hoursAMonth = 730;

/** Why there is no price, where that is all that is known: the list was not asked, or has none, or several. */
export const noPrice = "no price is known";

interface Thing extends Pick<CostItem, "resource" | "kind" | "what" | "count"> {
  usage: UsageType | undefined;
  quantity: Range | null;
  why?: string;
}

/** The usages that have to be priced. */
export function usagesOf(charges: Charges): UsageType[] {
  return [...new Set(thingsOf(charges).flatMap(({ usage }) => usage ?? []))];
}

/** What is billed, each with its price where that is known. No figure is guessed. */
export function estimate(charges: Charges, prices: Prices): CostItem[] {
  return thingsOf(charges).map(({ usage, ...thing }) => priced(thing, usage, usage && prices.of(usage)));
}

/** The sum of what is known. */
export function monthOf(items: readonly CostItem[]): Range {
  const known = items.flatMap(({ monthly }) => monthly ?? []);
  return {
    min: cents(known.reduce((sum, { min }) => sum + min, 0)),
    max: cents(known.reduce((sum, { max }) => sum + max, 0)),
  };
}

/** What has a quantity and no price, so that the sum is without it. */
export function unpriced(items: readonly CostItem[]): CostItem[] {
  return items.filter(({ quantity, price }) => quantity !== null && price === null);
}

function priced(thing: Omit<Thing, "usage">, usage: UsageType | undefined, price: Price | undefined): CostItem {
  const { why = noPrice, quantity, ...rest } = thing;
  const monthly =
    price && quantity ? { min: cents(price.usd * quantity.min), max: cents(price.usd * quantity.max) } : null;
  return {
    ...rest,
    quantity,
    unit: usage ? unitOf(usage) : "hour",
    price: price?.usd ?? null,
    monthly,
    source: price?.source ?? null,
    priceRegion: price?.region ?? null,
    date: price?.date ?? null,
    ...(monthly ? {} : { why }),
  };
}

function thingsOf({ zones, instances, snapshots }: Charges): Thing[] {
  return [
    ...(zones === undefined ? [] : balancerThings(zones)),
    ...(instances ? instanceThings(instances) : []),
    ...(snapshots ? [snapshotThing(snapshots)] : []),
  ];
}

function balancerThings(zones: number): Thing[] {
  const resource = "load-balancer";
  return [
    {
      resource,
      kind: "load-balancer",
      what: "load balancer",
      usage: "LoadBalancerUsage",
      count: exactly(1),
      quantity: exactly(hoursAMonth),
    },
    {
      resource,
      kind: "load-balancer-capacity-unit",
      what: "capacity units (LCU)",
      usage: "LCUUsage",
      count: null,
      quantity: null,
      why: "by traffic",
    },
    {
      resource,
      kind: "public-ipv4-address",
      what: "public IPv4, one a zone",
      usage: "PublicIPv4:InUseAddress",
      count: exactly(zones),
      quantity: exactly(zones * hoursAMonth),
    },
  ];
}

function instanceThings({
  type,
  operation,
  min,
  max,
  volume,
  publicAddresses,
}: NonNullable<Charges["instances"]>): Thing[] {
  const resource = "auto-scaling-group";
  const count = { min, max };
  const addresses = { min: publicAddresses === "all" ? min : 0, max };
  return [
    {
      resource,
      kind: "instance",
      what: `${type} instances`,
      count,
      quantity: times(count, hoursAMonth),
      ...(operation === "RunInstances"
        ? { usage: `BoxUsage:${type}` as const }
        : { usage: undefined, why: `its image is billed as ${operation}` }),
    },
    {
      resource,
      kind: "volume",
      what: `${volume.sizeGiB} GiB ${volume.type} volumes`,
      count,
      quantity: times(count, volume.sizeGiB),
      ...(volume.type === "gp3" ? { usage: "EBS:VolumeUsage.gp3" as const } : { usage: undefined }),
    },
    ...(publicAddresses !== "none"
      ? [
          {
            resource,
            kind: "public-ipv4-address",
            what: "public IPv4",
            usage: "PublicIPv4:InUseAddress" as const,
            count: addresses,
            quantity: times(addresses, hoursAMonth),
          },
        ]
      : []),
  ];
}

/** What snapshots share is stored once ("How Amazon EBS snapshots work", EBS user guide): together they cost at most by all that each holds. */
function snapshotThing(snapshots: Snapshots): Thing {
  const about = { resource: "image", kind: "snapshot", usage: "EBS:SnapshotUsage" } as const;
  if (!snapshots.there)
    return { ...about, what: "snapshots of images", count: null, quantity: null, why: "by their size" };
  const { count, sizeGiB } = snapshots.there;
  const quantity = { min: 0, max: Math.round(sizeGiB * 100) / 100 };
  return { ...about, what: "snapshots of images", count: exactly(count), quantity };
}

function exactly(count: number): Range {
  return { min: count, max: count };
}

function times({ min, max }: Range, factor: number): Range {
  return { min: min * factor, max: max * factor };
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}
