import {
  DescribeSubnetsCommand,
  paginateDescribeInstanceTypeOfferings,
  paginateDescribeRouteTables,
  paginateDescribeSubnets,
  paginateDescribeVpcs,
  type RouteTable,
  type Subnet,
  type Tag,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";

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

/** A load balancer needs 8 free addresses in each of its subnets ("Subnets for your load balancer", ELB user guide). */
const leastFree = 8;

/** The VPCs of the region, those first that are the more probable: the marked, the default one, then by id. */
export async function readVpcs(aws: Aws): Promise<Vpc[]> {
  const client = { client: aws.ec2 };
  const [vpcs, subnets, tables] = await Promise.all([
    all(paginateDescribeVpcs(client, {}), ({ Vpcs = [] }) => Vpcs),
    all(paginateDescribeSubnets(client, {}), ({ Subnets = [] }) => Subnets),
    all(paginateDescribeRouteTables(client, {}), ({ RouteTables = [] }) => RouteTables),
  ]);
  const rank = ({ marked, isDefault }: Vpc) => (marked ? 0 : isDefault ? 1 : 2);
  return vpcs
    .map(({ VpcId: id = "", CidrBlock: cidr = "", IsDefault: isDefault = false, Tags = [] }) => ({
      id,
      cidr,
      isDefault,
      name: nameIn(Tags),
      marked: Tags.some(({ Key }) => Key === networkTag),
      subnets: subnets
        .filter((subnet) => subnet.VpcId === id && isUsable(aws, subnet) && isPublic(aws, subnet, tables))
        .map(asPublic),
    }))
    .sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}

/**
 * Whether a subnet's route table, its own or else the VPC's main one, leads to an internet gateway ("Subnets for your
 * VPC", VPC user guide). An emulator behind a custom endpoint may have default VPCs without gateways; a default subnet
 * is public by definition.
 */
function isPublic(aws: Aws, { SubnetId, VpcId, DefaultForAz }: Subnet, tables: readonly RouteTable[]): boolean {
  const ofVpc = tables.filter((table) => table.VpcId === VpcId);
  const own = ofVpc.find(({ Associations = [] }) => Associations.some((each) => each.SubnetId === SubnetId));
  const main = ofVpc.find(({ Associations = [] }) => Associations.some(({ Main }) => Main));
  const routes = (own ?? main)?.Routes ?? [];
  const isOut = routes.some(
    ({ DestinationCidrBlock, GatewayId = "", State }) =>
      DestinationCidrBlock === "0.0.0.0/0" && GatewayId.startsWith("igw-") && State !== "blackhole",
  );
  return isOut || (aws.endpoint !== undefined && DefaultForAz === true && own === undefined);
}

/** A subnet of one of the region's Availability Zones (not a Local or Wavelength Zone, not an Outpost) with IPv4 and room. */
function isUsable({ region }: Aws, subnet: Subnet): boolean {
  const { State, AvailabilityZone = "", AvailableIpAddressCount = 0, Ipv6Native, OutpostArn } = subnet;
  const inZone = AvailabilityZone.startsWith(region) && /^[a-z]$/.test(AvailabilityZone.slice(region.length));
  return State === "available" && inZone && !Ipv6Native && !OutpostArn && AvailableIpAddressCount >= leastFree;
}

function asPublic(subnet: Subnet): PublicSubnet {
  const { SubnetId = "", AvailabilityZone = "", CidrBlock = "", AvailableIpAddressCount = 0, Tags = [] } = subnet;
  return {
    id: SubnetId,
    name: nameIn(Tags),
    zone: AvailabilityZone,
    cidr: CidrBlock,
    freeAddresses: AvailableIpAddressCount,
  };
}

/** Whether a load balancer can stand in the VPC: it takes two Availability Zones. */
export function isFit({ subnets }: Vpc): boolean {
  return new Set(subnets.map(({ zone }) => zone)).size >= 2;
}

/** The VPC to take without asking: the marked one, the default one, or the only one; undefined where that is open. */
export function obviousVpc(vpcs: readonly Vpc[]): Vpc | undefined {
  const marked = vpcs.filter((vpc) => vpc.marked);
  if (marked.length > 0) return marked.length === 1 && isFit(marked[0] as Vpc) ? marked[0] : undefined;
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
const burstableTypes = [
  ...["micro", "small", "medium", "nano", "large"].flatMap((size) =>
    ["t3", "t3a", "t2"].map((kind) => `${kind}.${size}`),
  ),
  ...["micro", "small", "medium", "nano", "large"].map((size) => `t4g.${size}`),
];

/** Which of the burstable types, and of `more`, each of the zones offers. */
export async function readOfferings(
  aws: Aws,
  zones: readonly string[],
  more: readonly string[] = [],
): Promise<Offerings> {
  const input = {
    LocationType: "availability-zone" as const,
    Filters: [
      { Name: "location", Values: [...zones] },
      { Name: "instance-type", Values: [...burstableTypes, ...more] },
    ],
  };
  const pages = paginateDescribeInstanceTypeOfferings({ client: aws.ec2 }, input);
  const found = await all(pages, ({ InstanceTypeOfferings = [] }) => InstanceTypeOfferings);
  return new Map(
    zones.map((zone) => [
      zone,
      new Set(found.flatMap(({ Location, InstanceType = "" }) => (Location === zone ? [InstanceType as string] : []))),
    ]),
  );
}

/** The burstable types that all of the zones offer, the preferred first. */
export function offeredTypes(offered: Offerings, zones: readonly string[]): string[] {
  return burstableTypes.filter((type) => zones.every((zone) => offered.get(zone)?.has(type)));
}

/** The zones of subnets, by their ids. */
export async function zonesOf(aws: Aws, subnetIds: readonly string[]): Promise<string[]> {
  const { Subnets = [] } = await aws.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [...subnetIds] }));
  return [...new Set(Subnets.flatMap(({ AvailabilityZone }) => AvailabilityZone ?? []))];
}

function nameIn(tags: readonly Tag[]): string | undefined {
  return tags.find(({ Key }) => Key === "Name")?.Value || undefined;
}

async function all<Page, Item>(pages: AsyncIterable<Page>, items: (page: Page) => Item[]): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...items(page));
  return found;
}
