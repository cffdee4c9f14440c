import { paginateDescribeTags as paginateGroupTags } from "@aws-sdk/client-auto-scaling";
import { paginateDescribeInstances, paginateDescribeTags } from "@aws-sdk/client-ec2";
import {
  DescribeTagsCommand,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { isOwned, type Stack } from "../stack.ts";
import type { Aws } from "./aws.ts";
import { readTags } from "./tags.ts";

export interface Tagged {
  /** AWS's noun in kebab-case. */
  kind: string;
  id: string;
}

/**
 * Everything in the region that carries the stack's tags, of whatever kind, found without going by names: the tag
 * listings of EC2 and Auto Scaling, and every load balancer and target group with its tags. Instances that have
 * ended, which EC2 lists for about an hour more, are left out.
 */
export async function everythingTagged(aws: Aws, stack: Stack): Promise<Tagged[]> {
  const [ec2, groups, balancers] = await Promise.all([
    taggedInEc2(aws, stack),
    taggedGroups(aws, stack),
    taggedInElb(aws, stack),
  ]);
  return [...ec2, ...groups, ...balancers];
}

async function taggedInEc2({ ec2 }: Aws, stack: Stack): Promise<Tagged[]> {
  const tags = new Map<string, { kind: string; tags: { Key: string; Value: string }[] }>();
  const Filters = [{ Name: "key", Values: ["multivac:name", "multivac:environment"] }];
  for await (const page of paginateDescribeTags({ client: ec2 }, { Filters })) {
    for (const { ResourceId = "", ResourceType = "", Key = "", Value = "" } of page.Tags ?? []) {
      const entry = tags.get(ResourceId) ?? { kind: ResourceType, tags: [] };
      entry.tags.push({ Key, Value });
      tags.set(ResourceId, entry);
    }
  }
  const found = [...tags]
    .filter(([, entry]) => isOwned(stack, readTags(entry.tags)))
    .map(([id, { kind }]) => ({ kind, id }));
  const instances = found.filter(({ kind }) => kind === "instance").map(({ id }) => id);
  const ended = instances.length ? await endedOf({ ec2 } as Aws, instances) : new Set();
  return found.filter(({ id }) => !ended.has(id));
}

async function endedOf({ ec2 }: Aws, ids: string[]): Promise<Set<string>> {
  const there = new Set<string>();
  const Filters = [{ Name: "instance-id", Values: ids }];
  for await (const page of paginateDescribeInstances({ client: ec2 }, { Filters })) {
    for (const { InstanceId = "", State } of (page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances)) {
      if (State?.Name !== "terminated") there.add(InstanceId);
    }
  }
  return new Set(ids.filter((id) => !there.has(id)));
}

async function taggedGroups({ autoScaling }: Aws, stack: Stack): Promise<Tagged[]> {
  const tags = new Map<string, { Key: string; Value: string }[]>();
  const Filters = [{ Name: "key", Values: ["multivac:name", "multivac:environment"] }];
  for await (const page of paginateGroupTags({ client: autoScaling }, { Filters })) {
    for (const { ResourceId = "", Key = "", Value = "" } of page.Tags ?? []) {
      tags.set(ResourceId, [...(tags.get(ResourceId) ?? []), { Key, Value }]);
    }
  }
  return [...tags]
    .filter(([, list]) => isOwned(stack, readTags(list)))
    .map(([id]) => ({ kind: "auto-scaling-group", id }));
}

async function taggedInElb({ elb }: Aws, stack: Stack): Promise<Tagged[]> {
  const all: Tagged[] = [];
  for await (const page of paginateDescribeLoadBalancers({ client: elb }, {})) {
    for (const { LoadBalancerArn = "" } of page.LoadBalancers ?? [])
      all.push({ kind: "load-balancer", id: LoadBalancerArn });
  }
  for await (const page of paginateDescribeTargetGroups({ client: elb }, {})) {
    for (const { TargetGroupArn = "" } of page.TargetGroups ?? [])
      all.push({ kind: "target-group", id: TargetGroupArn });
  }
  const perCall = 20;
  const batches = Array.from({ length: Math.ceil(all.length / perCall) }, (_, i) =>
    all.slice(i * perCall, (i + 1) * perCall),
  );
  const owned = await Promise.all(batches.map((batch) => ownedOf(elb, stack, batch)));
  return owned.flat();
}

/** Reads the tags of up to 20; one that is gone fails the whole batch, so that each is then asked for by itself. */
async function ownedOf(elb: Aws["elb"], stack: Stack, batch: Tagged[]): Promise<Tagged[]> {
  try {
    const { TagDescriptions = [] } = await elb.send(
      new DescribeTagsCommand({ ResourceArns: batch.map(({ id }) => id) }),
    );
    const owned = new Set(
      TagDescriptions.filter(({ Tags }) => isOwned(stack, readTags(Tags))).map(({ ResourceArn }) => ResourceArn),
    );
    return batch.filter(({ id }) => owned.has(id));
  } catch (error) {
    if (!/NotFound/.test((error as Error).name)) throw error;
    if (batch.length === 1) return [];
    return (await Promise.all(batch.map((one) => ownedOf(elb, stack, [one])))).flat();
  }
}
