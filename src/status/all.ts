import { type AutoScalingGroup, paginateDescribeAutoScalingGroups } from "@aws-sdk/client-auto-scaling";
import { paginateDescribeTags } from "@aws-sdk/client-ec2";
import { type LoadBalancer, paginateDescribeLoadBalancers } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Aws } from "../aws/aws.ts";
import { readElbTags } from "../aws/elb-look.ts";
import { readTags } from "../aws/tags.ts";
import { siteUrl } from "../deploy/healthy.ts";
import { seemsToDeploy } from "../lock/alive.ts";
import { elbNames } from "../resources/elb.ts";
import { type Stack, stackKey, type Tags } from "../stack.ts";
import type { State } from "./read.ts";

export interface StackSummary extends Stack {
  state: State;
  release: string | null;
  url: string | null;
  /** As its Auto Scaling group sees them. */
  instances: { healthy: number; wanted: number };
}

/** What the stacks of a region are made of, as far as a line on each needs it. */
interface Found extends Stack {
  /** Parts that are there, but for images: launch template, security groups. */
  parts: Set<string>;
  groups: AutoScalingGroup[];
  balancers: LoadBalancer[];
  /** Who holds its lock. */
  lock?: Parameters<typeof seemsToDeploy>[0] | undefined;
}

/**
 * Every stack of the region, by its tags, in a handful of requests however many there are: EC2 lists the tags of all its
 * kinds in one, Auto Scaling its groups by tag, Elastic Load Balancing all it has, of which only the tags of those with a
 * name that multivac gives are read. Health is therefore the Auto Scaling groups', which take an instance for healthy
 * until its grace period is over, and a roll is told by instances of two releases.
 */
export async function readStacks(aws: Aws): Promise<StackSummary[]> {
  const stacks = new Map<string, Found>();
  const stackOf = (tags: Tags): Found | undefined => {
    const { "multivac:name": name, "multivac:environment": environment } = tags;
    if (name === undefined || environment === undefined) return undefined;
    const key = JSON.stringify([name, environment]);
    const found = stacks.get(key) ?? { name, environment, parts: new Set(), groups: [], balancers: [] };
    stacks.set(key, found);
    return found;
  };
  const [inEc2, groups, balancers] = await Promise.all([readEc2Tags(aws), readGroups(aws), readBalancers(aws)]);
  for (const [id, tags] of inEc2) {
    // EC2 tells the tags of instances that have ended too, for about an hour: they prove no stack.
    if (id.startsWith("i-")) continue;
    const stack = stackOf(tags);
    if (stack && tags["multivac:resource"] === "lock") stack.lock = holderOf(tags);
    else stack?.parts.add(id.startsWith("ami-") ? "" : (tags["multivac:resource"] ?? ""));
  }
  for (const group of groups) stackOf(readTags(group.Tags))?.groups.push(group);
  for (const { balancer, tags } of balancers) stackOf(tags)?.balancers.push(balancer);
  const summaries = await Promise.all([...stacks.values()].map((found) => summaryOf(found, inEc2)));
  return summaries.flatMap((summary) => summary ?? []).sort((a, b) => (stackKey(a) < stackKey(b) ? -1 : 1));
}

/** What `multivac` tags tell of EC2's kinds that stand for a stack or tell its release, by id. */
async function readEc2Tags({ ec2: client }: Aws): Promise<Map<string, Record<string, string>>> {
  const Filters = [
    { Name: "resource-type", Values: ["launch-template", "security-group", "image", "instance"] },
    {
      Name: "key",
      Values: ["name", "environment", "resource", "release", "command", "process", "heartbeat"].map(
        (key) => `multivac:${key}`,
      ),
    },
  ];
  const found = new Map<string, Record<string, string>>();
  for await (const { Tags = [] } of paginateDescribeTags({ client }, { Filters })) {
    for (const { ResourceId = "", Key = "", Value = "" } of Tags)
      found.set(ResourceId, { ...found.get(ResourceId), [Key]: Value });
  }
  return found;
}

async function readGroups({ autoScaling: client }: Aws): Promise<AutoScalingGroup[]> {
  const found: AutoScalingGroup[] = [];
  const Filters = [{ Name: "tag-key", Values: ["multivac:name"] }];
  for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client }, { Filters }))
    found.push(...AutoScalingGroups);
  return found;
}

/** How the names of load balancers end, whatever the stack. */
const endings = elbNames({ name: "", environment: "" }).balancers.map((name) => name.replace(/^-/, ""));

async function readBalancers(aws: Aws): Promise<{ balancer: LoadBalancer; tags: Tags }[]> {
  const found: LoadBalancer[] = [];
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client: aws.elb }, {}))
    found.push(
      ...LoadBalancers.filter(({ LoadBalancerName = "" }) =>
        endings.some((ending) => LoadBalancerName.endsWith(ending)),
      ),
    );
  const tags = await readElbTags(
    aws,
    found.flatMap(({ LoadBalancerArn }) => LoadBalancerArn ?? []),
  );
  return found.map((balancer) => ({ balancer, tags: tags.get(balancer.LoadBalancerArn ?? "") ?? {} }));
}

function holderOf(tags: Tags): NonNullable<Found["lock"]> {
  const {
    "multivac:command": command = "",
    "multivac:process": process = "",
    "multivac:heartbeat": heartbeat = "",
  } = tags;
  return { command, process, heartbeat };
}

/** Undefined where there is nothing but a lock that nobody needs any more. */
async function summaryOf(found: Found, tags: ReadonlyMap<string, Tags>): Promise<StackSummary | undefined> {
  const { name, environment, groups, balancers, parts } = found;
  const isDeploying = found.lock !== undefined && (await seemsToDeploy(found.lock));
  if (!isDeploying && groups.length + balancers.length + parts.size === 0) return undefined;
  const [group] = groups;
  // Where one is made beside another, the older serves.
  const [balancer] = [...balancers].sort((a, b) => (a.CreatedTime?.getTime() ?? 0) - (b.CreatedTime?.getTime() ?? 0));
  const members = group?.Instances ?? [];
  const releaseOf = (id: string | undefined) => tags.get(id ?? "")?.["multivac:release"];
  const serving = members.find(({ LaunchTemplate }) => LaunchTemplate?.Version === group?.LaunchTemplate?.Version);
  const healthy = members.filter(
    ({ LifecycleState, HealthStatus }) => LifecycleState === "InService" && HealthStatus === "Healthy",
  );
  return {
    name,
    environment,
    state: stateOf(found, {
      isRolling: new Set(members.map(({ InstanceId }) => releaseOf(InstanceId))).size > 1,
      isDeploying,
      healthy: healthy.length,
    }),
    release: releaseOf((serving ?? members[0])?.InstanceId) ?? null,
    url: balancer?.DNSName ? siteUrl(balancer.DNSName) : null,
    instances: { healthy: healthy.length, wanted: group?.DesiredCapacity ?? 0 },
  };
}

const needed = ["launch-template", "load-balancer-security-group", "instance-security-group"];

function stateOf(
  { parts, groups, balancers }: Found,
  { isRolling, isDeploying, healthy }: { isRolling: boolean; isDeploying: boolean; healthy: number },
): State {
  const [group] = groups;
  const isWhole = group && balancers.length > 0 && needed.every((part) => parts.has(part));
  if (isDeploying && !isWhole) return "deploying";
  if (!group && balancers.length === 0 && ![...parts].some(Boolean)) return "absent";
  if (!isWhole || group.Status) return "degraded";
  const balancing = balancers.map(({ State }) => State?.Code);
  if (isRolling || balancing.includes("provisioning")) return "deploying";
  if (!balancing.every((state) => state === "active")) return "degraded";
  if (healthy >= (group.DesiredCapacity ?? 0)) return "healthy";
  const members = group.Instances ?? [];
  return members.length > 0 && members.every(({ LifecycleState = "" }) => LifecycleState.startsWith("Pending"))
    ? "deploying"
    : "degraded";
}
