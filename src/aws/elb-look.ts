import {
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type Listener,
  type LoadBalancer,
  type LoadBalancerAttribute,
  type TagDescription,
  type TargetGroup,
  type TargetGroupAttribute,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Tags } from "../stack.ts";
import type { Aws } from "./aws.ts";
import { readTags } from "./tags.ts";
import { readTargetHealth, type TargetHealth } from "./target-health.ts";
import { errorCode, orMissing } from "./wait.ts";

/** Load balancers, their listeners, and target groups, as calls side by side tell of them. */
export interface ElbLook {
  balancers: { balancer: LoadBalancer; attributes: LoadBalancerAttribute[] }[];
  listeners: Listener[];
  targetGroups: { group: TargetGroup; attributes: TargetGroupAttribute[]; health: TargetHealth[] }[];
  /** By ARN, of all of these. */
  tags: ReadonlyMap<string, Tags>;
}

/** What to look for: names or ARNs, of which none need be there. */
export interface ElbWanted {
  balancers?: readonly string[];
  targetGroups?: readonly string[];
  /** What to look for at once in place of a name that is not there. */
  otherwise?: (name: string) => Promise<string | undefined>;
}

/**
 * Reads load balancers and target groups in three rounds of calls side by side: the things, what else is to be known of
 * each, and the tags of all of them. A `brief` look leaves out the target groups' attributes and targets.
 */
export async function lookAtElb(
  aws: Aws,
  { balancers = [], targetGroups = [], otherwise = async () => undefined }: ElbWanted,
  { brief = false } = {},
): Promise<ElbLook> {
  const orOther = async <T>(which: string, read: (which: string) => Promise<T | undefined>) => {
    const found = await read(which);
    if (found) return found;
    const other = await otherwise(which);
    return other === undefined ? undefined : await read(other);
  };
  const [foundBalancers, foundGroups] = await Promise.all([
    Promise.all(balancers.map((name) => orOther(name, (which) => readBalancer(aws, which)))),
    Promise.all(targetGroups.map((name) => orOther(name, (which) => readTargetGroup(aws, which, brief)))),
  ]);
  const look = {
    balancers: foundBalancers.flatMap((one) => one ?? []),
    listeners: foundBalancers.flatMap((one) => one?.listeners ?? []),
    targetGroups: foundGroups.flatMap((one) => one ?? []),
  };
  const arns = [
    ...look.balancers.map(({ balancer }) => balancer.LoadBalancerArn),
    ...look.listeners.map(({ ListenerArn }) => ListenerArn),
    ...look.targetGroups.map(({ group }) => group.TargetGroupArn),
  ].flatMap((arn) => arn ?? []);
  const tags = await readElbTags(aws, arns);
  // One without an answer has gone meanwhile.
  const isThere = (arn: string | undefined) => tags.has(arn ?? "");
  return {
    balancers: look.balancers.filter(({ balancer }) => isThere(balancer.LoadBalancerArn)),
    listeners: look.listeners.filter(({ ListenerArn }) => isThere(ListenerArn)),
    targetGroups: look.targetGroups.filter(({ group }) => isThere(group.TargetGroupArn)),
    tags,
  };
}

/** Two looks as one. */
export function together(one: ElbLook, other: ElbLook): ElbLook {
  return {
    balancers: [...one.balancers, ...other.balancers],
    listeners: [...one.listeners, ...other.listeners],
    targetGroups: [...one.targetGroups, ...other.targetGroups],
    tags: new Map([...one.tags, ...other.tags]),
  };
}

/** How many ARNs a call takes (ELBv2 API reference, DescribeTags). */
const tagsPerCall = 20;

/** The tags of load balancers, listeners and target groups, by ARN; of those that are there. */
export async function readElbTags(aws: Aws, arns: readonly string[]): Promise<Map<string, Tags>> {
  const batches = Array.from({ length: Math.ceil(arns.length / tagsPerCall) }, (_, i) =>
    arns.slice(i * tagsPerCall, (i + 1) * tagsPerCall),
  );
  const answers = await Promise.all(batches.map((batch) => readBatch(aws, batch)));
  return new Map(answers.flat().map(({ ResourceArn = "", Tags }) => [ResourceArn, readTags(Tags)]));
}

/** One that is gone fails the whole call, so that each is then asked for by itself. */
async function readBatch(aws: Aws, batch: readonly string[]): Promise<TagDescription[]> {
  try {
    const { TagDescriptions = [] } = await aws.elb.send(new DescribeTagsCommand({ ResourceArns: [...batch] }));
    return TagDescriptions;
  } catch (error) {
    if (!errorCode(error).includes("NotFound")) throw error;
    if (batch.length === 1) return [];
    return (await Promise.all(batch.map((one) => readBatch(aws, [one])))).flat();
  }
}

async function readBalancer({ elb }: Aws, which: string) {
  const by = which.startsWith("arn:") ? { LoadBalancerArns: [which] } : { Names: [which] };
  const missing = ["LoadBalancerNotFound", "LoadBalancerNotFoundException"];
  const found = await orMissing(elb.send(new DescribeLoadBalancersCommand(by)), ...missing);
  const [balancer] = found?.LoadBalancers ?? [];
  if (!balancer?.LoadBalancerArn) return undefined;
  const { LoadBalancerArn } = balancer;
  const [attributes, listeners] = await Promise.all([
    orMissing(elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn })), ...missing),
    orMissing(elb.send(new DescribeListenersCommand({ LoadBalancerArn })), ...missing),
  ]);
  // One that has gone meanwhile is not there.
  if (!attributes || !listeners) return undefined;
  return { balancer, attributes: attributes.Attributes ?? [], listeners: listeners.Listeners ?? [] };
}

async function readTargetGroup(aws: Aws, which: string, brief: boolean) {
  const { elb } = aws;
  const by = which.startsWith("arn:") ? { TargetGroupArns: [which] } : { Names: [which] };
  const missing = ["TargetGroupNotFound", "TargetGroupNotFoundException"];
  const found = await orMissing(elb.send(new DescribeTargetGroupsCommand(by)), ...missing);
  const [group] = found?.TargetGroups ?? [];
  if (!group?.TargetGroupArn) return undefined;
  if (brief) return { group, attributes: [], health: [] };
  const { TargetGroupArn } = group;
  const [attributes, health] = await Promise.all([
    orMissing(elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn })), ...missing),
    readTargetHealth(aws, TargetGroupArn),
  ]);
  return attributes && { group, attributes: attributes.Attributes ?? [], health };
}
