import { isDeepStrictEqual } from "node:util";
import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import {
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  type LoadBalancer,
  ModifyLoadBalancerAttributesCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Aws } from "../aws/aws.ts";
import { type ElbLook, lookAtElb } from "../aws/elb-look.ts";
import { madeBefore, readMadeTags } from "../aws/made-before.ts";
import { onceKnown } from "../aws/not-yet-known.ts";
import { retagElb } from "../aws/retag.ts";
import { tagList } from "../aws/tags.ts";
import { elbTagsNow } from "../aws/tags-now.ts";
import { errorCode, orMissing, whileRefused } from "../aws/wait.ts";
import type { Doing, Live, Resource } from "../engine/resource.ts";
import { ownTags, type Tags } from "../stack.ts";
import { elbNames, elbOf, markBeside, unmarkBeside, withoutMark } from "./elb.ts";
import { loadBalancerSecurityGroup } from "./security-group.ts";

interface Desired {
  vpcId: string;
  scheme: string;
  subnetIds: readonly string[];
  securityGroupIds: readonly string[];
  deletionProtection: boolean;
  tags: Tags;
}

export interface LoadBalancerLive extends Desired, Live {
  name: string;
  /** The Availability Zone of each of its subnets. */
  zones: Readonly<Record<string, string>>;
  dnsName: string;
  /** AWS's word: `provisioning`, `active`, `active_impaired`, `failed`. */
  status: string;
}

/** Takes the visitors' requests on port 80. */
export const loadBalancer: Resource<Desired, LoadBalancerLive> = {
  resource: "load-balancer",
  kind: "load-balancer",
  dependsOn: [loadBalancerSecurityGroup],
  names: (stack) => elbNames(stack).balancers,
  immutable: ["vpcId", "scheme"],
  whenReplaced: "the site gets another URL",

  find: async (look) => balancersOf(await elbOf(look)),

  desired: ({ config, stack }, need) => ({
    vpcId: config.network.vpcId,
    scheme: "internet-facing",
    subnetIds: [...config.network.subnetIds].sort(),
    securityGroupIds: [need(loadBalancerSecurityGroup).id],
    deletionProtection: config.deletionProtection,
    tags: { ...config.tags, ...ownTags(stack, "load-balancer") },
  }),

  async create(making, desired, name) {
    const { aws, stack } = making;
    const about = { stack, kind: "load-balancer", name };
    const mark = await markBeside(making, name, elbNames(stack).balancers);
    const command = new CreateLoadBalancerCommand({
      Name: name,
      Type: "application",
      Scheme: "internet-facing",
      IpAddressType: "ipv4",
      Subnets: [...desired.subnetIds],
      SecurityGroups: [...desired.securityGroupIds],
      Tags: tagList({ ...desired.tags, ...mark }),
    });
    try {
      const { LoadBalancers = [] } = await onceKnown(() => aws.elb.send(command), making);
      const balancer = read(LoadBalancers[0] ?? {});
      // One that wears the stack's own group and is not provisioned yet was made by this very call.
      const isNew =
        balancer.status === "provisioning" && isDeepStrictEqual(balancer.securityGroupIds, desired.securityGroupIds);
      const tags = isNew ? desired.tags : withoutMark(await readMadeTags(aws, balancer.id, about, making));
      if (desired.deletionProtection) await setProtection(making, balancer.id, true);
      return { ...balancer, deletionProtection: desired.deletionProtection, tags };
    } catch (error) {
      if (!errorCode(error).startsWith("DuplicateLoadBalancerName")) throw error;
      return await madeBefore(async () => (await readBalancers(aws, name))[0], about, making);
    }
  },

  async update(making, live, desired, changed) {
    const { aws } = making;
    const LoadBalancerArn = live.id;
    const subnetIds = changed.includes("subnetIds") ? await widened(aws, live, desired.subnetIds) : live.subnetIds;
    await Promise.all([
      changed.includes("subnetIds") && setSubnets(aws, live.id, subnetIds),
      changed.includes("securityGroupIds") &&
        aws.elb.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: [...desired.securityGroupIds] })),
      changed.includes("deletionProtection") && setProtection(making, live.id, desired.deletionProtection),
      changed.includes("tags") && retagElb(aws, live, desired.tags),
    ]);
    return { ...live, ...desired, subnetIds };
  },

  /** Zones that it leaves, once no instance is in them any more. */
  async trim({ aws }, live, { subnetIds }) {
    if (!isDeepStrictEqual(live.subnetIds, subnetIds)) await setSubnets(aws, live.id, subnetIds);
  },

  /** AWS answers the same for one that is gone. */
  async delete({ aws, stack, signal, progress, gently }, live) {
    const send = () => aws.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: live.id }));
    // Protection that has just been taken off may show a little later.
    const refusals = live.deletionProtection ? ["OperationNotPermitted", "OperationNotPermittedException"] : [];
    await whileRefused(send, refusals, { limitSeconds: 60, signal, progress });
    const [first, second] = elbNames(stack).balancers;
    if (gently && live.name === second)
      for (const { id } of await readBalancers(aws, first)) await unmarkBeside(aws, id);
  },

  tagsNow: elbTagsNow,
  protections: (live) => (live.deletionProtection ? ["deletion protection"] : []),
  unprotect: (doing, live) => setProtection(doing, live.id, false),
  state: (live) => live.status,
};

/**
 * The subnets to be, and those before in Availability Zones that none of these is in: instances there get requests only
 * as long as the load balancer is there too ("Update the Availability Zones for your Application Load Balancer").
 */
async function widened({ ec2 }: Aws, live: LoadBalancerLive, subnetIds: readonly string[]): Promise<string[]> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [...subnetIds] }));
  const zones = new Set(Subnets.map(({ AvailabilityZone }) => AvailabilityZone));
  return [...subnetIds, ...live.subnetIds.filter((id) => !zones.has(live.zones[id]))].sort();
}

async function setSubnets({ elb }: Aws, LoadBalancerArn: string, subnetIds: readonly string[]): Promise<void> {
  await elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: [...subnetIds] }));
}

async function setProtection(doing: Doing, LoadBalancerArn: string, enabled: boolean): Promise<void> {
  const Attributes = [{ Key: "deletion_protection.enabled", Value: `${enabled}` }];
  const command = new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes });
  await onceKnown(() => doing.aws.elb.send(command), doing);
}

/** The load balancer of a name or an ARN, in a list; an empty one where there is none. */
export async function readBalancers(aws: Aws, which: string): Promise<LoadBalancerLive[]> {
  return balancersOf(await lookAtElb(aws, { balancers: [which] }));
}

function balancersOf({ balancers, tags }: ElbLook): LoadBalancerLive[] {
  return balancers.map(({ balancer, attributes }) => {
    const protection = attributes.find(({ Key }) => Key === "deletion_protection.enabled")?.Value;
    const own = withoutMark(tags.get(balancer.LoadBalancerArn ?? "") ?? {});
    return { ...read(balancer), deletionProtection: protection === "true", tags: own };
  });
}

/** The load balancer as it is now, by its ARN; undefined when it is gone. */
export async function readLoadBalancer(
  { elb }: Aws,
  arn: string,
): Promise<Pick<LoadBalancerLive, "status" | "dnsName"> | undefined> {
  const answer = await orMissing(
    elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] })),
    "LoadBalancerNotFound",
    "LoadBalancerNotFoundException",
  );
  const balancer = answer?.LoadBalancers?.[0];
  return balancer && read(balancer);
}

function read(balancer: LoadBalancer): Omit<LoadBalancerLive, "tags" | "deletionProtection"> {
  const zones = (balancer.AvailabilityZones ?? []).map(
    ({ SubnetId = "", ZoneName = "" }) => [SubnetId, ZoneName] as const,
  );
  return {
    id: balancer.LoadBalancerArn ?? "",
    name: balancer.LoadBalancerName ?? "",
    vpcId: balancer.VpcId ?? "",
    scheme: balancer.Scheme ?? "",
    subnetIds: zones.map(([subnetId]) => subnetId).sort(),
    zones: Object.fromEntries(zones),
    securityGroupIds: [...(balancer.SecurityGroups ?? [])].sort(),
    dnsName: balancer.DNSName ?? "",
    status: balancer.State?.Code ?? "",
  };
}
