import {
  paginateDescribeInstanceTypeOfferings,
  paginateDescribeRouteTables,
  paginateDescribeSubnets,
  paginateDescribeVpcs,
  type RouteTable,
  type Subnet,
  type Tag,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { isGateway, tableOf, wayOut } from "../aws/route-tables.ts";
import { burstableTypes, networkTag, type Offerings, type PublicSubnet, type Vpc } from "./network.ts";

/** What a load balancer needs of each of its subnets ("Subnets for your load balancer", ELB user guide). */
const room = { prefix: 27, freeAddresses: 8 };

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
function isPublic(aws: Aws, { SubnetId = "", VpcId, DefaultForAz }: Subnet, tables: readonly RouteTable[]): boolean {
  const table = tableOf(
    SubnetId,
    tables.filter((each) => each.VpcId === VpcId),
  );
  if (table && isGateway(wayOut(table))) return true;
  const isOwn = table?.Associations?.some((each) => each.SubnetId === SubnetId);
  return aws.endpoint !== undefined && DefaultForAz === true && !isOwn;
}

/** A subnet of one of the region's Availability Zones (not a Local or Wavelength Zone, not an Outpost) with IPv4 and room. */
function isUsable({ region }: Aws, subnet: Subnet): boolean {
  const { State, AvailabilityZone = "", CidrBlock = "", AvailableIpAddressCount = 0, Ipv6Native, OutpostArn } = subnet;
  const hasRoom = Number(CidrBlock.split("/")[1]) <= room.prefix && AvailableIpAddressCount >= room.freeAddresses;
  const inZone = AvailabilityZone.startsWith(region) && /^[a-z]$/.test(AvailabilityZone.slice(region.length));
  return State === "available" && inZone && !Ipv6Native && !OutpostArn && hasRoom;
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

/** Which of the burstable types each of the zones offers. */
export async function readOfferings(aws: Aws, zones: readonly string[]): Promise<Offerings> {
  const input = {
    LocationType: "availability-zone" as const,
    Filters: [
      { Name: "location", Values: [...zones] },
      { Name: "instance-type", Values: [...burstableTypes] },
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

function nameIn(tags: readonly Tag[]): string | undefined {
  return tags.find(({ Key }) => Key === "Name")?.Value || undefined;
}

async function all<Page, Item>(pages: AsyncIterable<Page>, items: (page: Page) => Item[]): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...items(page));
  return found;
}
