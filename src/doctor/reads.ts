import {
  type InstanceTypeInfo,
  paginateDescribeInstanceTypeOfferings,
  paginateDescribeInstanceTypes,
  paginateDescribeRouteTables,
  paginateDescribeSubnets,
  type RouteTable,
  type Subnet,
} from "@aws-sdk/client-ec2";
import { usualBuilders } from "../deploy/bake-order.ts";
import { type Ground, shared } from "./check.ts";

/** The config's subnets that are there. */
export const readSubnets = shared(async (ground: Ground): Promise<Subnet[]> => {
  const [{ ec2 }, { config }] = await Promise.all([ground.aws(), ground.loaded()]);
  const found: Subnet[] = [];
  // By filter, of those that are not there nothing is answered; by id, an error for the first of them.
  const Filters = [{ Name: "subnet-id", Values: config.network.subnetIds }];
  for await (const { Subnets = [] } of paginateDescribeSubnets({ client: ec2 }, { Filters })) found.push(...Subnets);
  const order = config.network.subnetIds;
  return found.sort((a, b) => order.indexOf(a.SubnetId ?? "") - order.indexOf(b.SubnetId ?? ""));
});

/** All route tables of the config's VPC. */
export const readRouteTables = shared(async (ground: Ground): Promise<RouteTable[]> => {
  const [{ ec2 }, { config }] = await Promise.all([ground.aws(), ground.loaded()]);
  const found: RouteTable[] = [];
  const Filters = [{ Name: "vpc-id", Values: [config.network.vpcId] }];
  for await (const { RouteTables = [] } of paginateDescribeRouteTables({ client: ec2 }, { Filters }))
    found.push(...RouteTables);
  return found;
});

/** What EC2 tells of the instances' type and of those that a builder may have, as far as it knows them. */
export const readTypes = shared(async (ground: Ground): Promise<ReadonlyMap<string, InstanceTypeInfo>> => {
  const { ec2 } = await ground.aws();
  const found = new Map<string, InstanceTypeInfo>();
  const Filters = [{ Name: "instance-type", Values: await typesWanted(ground) }];
  for await (const { InstanceTypes = [] } of paginateDescribeInstanceTypes({ client: ec2 }, { Filters }))
    for (const type of InstanceTypes) found.set(type.InstanceType ?? "", type);
  return found;
});

/** The Availability Zones that each of these types is offered in. */
export const readOfferings = shared(async (ground: Ground): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const { ec2 } = await ground.aws();
  const types = await typesWanted(ground);
  const found = new Map(types.map((type) => [type, new Set<string>()]));
  const pages = paginateDescribeInstanceTypeOfferings(
    { client: ec2 },
    { LocationType: "availability-zone", Filters: [{ Name: "instance-type", Values: types }] },
  );
  for await (const { InstanceTypeOfferings = [] } of pages)
    for (const { InstanceType = "", Location = "" } of InstanceTypeOfferings) found.get(InstanceType)?.add(Location);
  return found;
});

/** The instances' type and those that a builder may have: which of the usual ones, the architecture tells. */
async function typesWanted(ground: Ground): Promise<string[]> {
  const [{ config }, bakes] = await Promise.all([ground.loaded(), ground.bakes()]);
  const { instanceType } = config.image.builder;
  const builders = instanceType ? [instanceType] : Object.values(usualBuilders);
  return [...new Set([config.instances.type, ...(bakes ? builders : [])])];
}
