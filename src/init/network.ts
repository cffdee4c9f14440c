/** A VPC with those of its subnets that a load balancer for the internet can stand in. */
export interface Vpc {
  id: string;
  name: string | undefined;
  cidr: string;
  isDefault: boolean;
  /** Whether somebody has marked it with the tag `multivac:network`. */
  marked: boolean;
  subnets: PublicSubnet[];
}

export interface PublicSubnet {
  id: string;
  name: string | undefined;
  zone: string;
  cidr: string;
  freeAddresses: number;
}

/** The tag by which an account says which VPC new stacks go to. */
export const networkTag = "multivac:network";

/** Whether a load balancer can stand in the VPC: it takes two Availability Zones. */
export function isFit({ subnets }: Vpc): boolean {
  return new Set(subnets.map(({ zone }) => zone)).size >= 2;
}

/** The VPC to take without asking: the marked one, the default one, or the only fit one; undefined where that is open. */
export function obviousVpc(vpcs: readonly Vpc[]): Vpc | undefined {
  const marked = vpcs.filter((vpc) => vpc.marked);
  if (marked.length > 0) return marked.length === 1 ? marked[0] : undefined;
  const fit = vpcs.filter(isFit);
  return fit.find(({ isDefault }) => isDefault) ?? (fit.length === 1 ? fit[0] : undefined);
}

/**
 * Two subnets in two zones: in each zone the one with the most free addresses; of the zones those that offer the first
 * instance type of the list that two zones offer.
 */
export function chooseSubnets(subnets: readonly PublicSubnet[], offered: Offerings): PublicSubnet[] {
  const roomiest = new Map<string, PublicSubnet>();
  for (const subnet of subnets) {
    const other = roomiest.get(subnet.zone);
    if (!other || other.freeAddresses < subnet.freeAddresses) roomiest.set(subnet.zone, subnet);
  }
  const zones = [...roomiest.keys()].sort();
  const best = burstableTypes.find((type) => zones.filter((zone) => offered.get(zone)?.has(type)).length >= 2);
  const fit = best ? zones.filter((zone) => offered.get(zone)?.has(best)) : zones;
  return fit.slice(0, 2).flatMap((zone) => roomiest.get(zone) ?? []);
}

/** Instance types by the Availability Zone that offers them. */
export type Offerings = ReadonlyMap<string, ReadonlySet<string>>;

/** Burstable types, the preferred first: enough memory for a package manager, x86_64 before arm64, newer before older. */
export const burstableTypes = [
  ...["micro", "small", "medium", "nano", "large"].flatMap((size) =>
    ["t3", "t3a", "t2"].map((kind) => `${kind}.${size}`),
  ),
  ...["micro", "small", "medium", "nano", "large"].map((size) => `t4g.${size}`),
];

/** The burstable types that all of the zones offer, the preferred first. */
export function offeredTypes(offered: Offerings, zones: readonly string[]): string[] {
  return burstableTypes.filter((type) => zones.every((zone) => offered.get(zone)?.has(type)));
}
