import { CreateOrUpdateTagsCommand, DeleteTagsCommand as DeleteGroupTagsCommand } from "@aws-sdk/client-auto-scaling";
import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  paginateDescribeTags,
} from "@aws-sdk/client-ec2";
import { AddTagsCommand, RemoveTagsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { isOwned, isOwnKey, type Stack, type Tags } from "../stack.ts";
import type { Aws } from "./aws.ts";
import { filterLimit } from "./filter.ts";
import { readTags, tagChanges, tagList } from "./tags.ts";

interface Tagged {
  id: string;
  tags: Tags;
}

/** Brings the tags of an EC2 resource to exactly `desired`; AWS's own stay. */
export async function retagEc2({ ec2 }: Aws, live: Tagged, desired: Tags): Promise<void> {
  const { set, remove } = tagChanges(live.tags, desired);
  const Resources = [live.id];
  if (Object.keys(set).length) await ec2.send(new CreateTagsCommand({ Resources, Tags: tagList(set) }));
  if (remove.length) await ec2.send(new DeleteTagsCommand({ Resources, Tags: remove.map((Key) => ({ Key })) }));
}

/**
 * Brings the tags of EC2 resources that the user gave to those in `tags`; what multivac and AWS set stays. What does
 * not carry the stack's tags is left alone.
 */
export async function retagAll({ ec2 }: Aws, stack: Stack, ids: readonly string[], tags: Tags): Promise<void> {
  const given = new Map<string, { Key: string; Value: string }[]>();
  for (let from = 0; from < ids.length; from += filterLimit) {
    const Filters = [{ Name: "resource-id", Values: ids.slice(from, from + filterLimit) }];
    for await (const page of paginateDescribeTags({ client: ec2 }, { Filters })) {
      for (const { ResourceId = "", Key = "", Value = "" } of page.Tags ?? [])
        given.set(ResourceId, [...(given.get(ResourceId) ?? []), { Key, Value }]);
    }
  }
  const byChange = new Map<string, { ids: string[]; set: Tags; remove: string[] }>();
  for (const [id, list] of given) {
    const live = readTags(list);
    if (!isOwned(stack, live)) continue;
    const kept = Object.entries(live).filter(([key]) => isOwnKey(key));
    const wanted = Object.entries(tags).filter(([key]) => !isOwnKey(key));
    const change = tagChanges(live, Object.fromEntries([...kept, ...wanted]));
    const key = JSON.stringify(change);
    byChange.set(key, { ...change, ids: [...(byChange.get(key)?.ids ?? []), id] });
  }
  await Promise.all(
    [...byChange.values()].map(async ({ ids: Resources, set, remove }) => {
      if (Object.keys(set).length) await ec2.send(new CreateTagsCommand({ Resources, Tags: tagList(set) }));
      if (remove.length) await ec2.send(new DeleteTagsCommand({ Resources, Tags: remove.map((Key) => ({ Key })) }));
    }),
  );
}

/** Brings the user's tags of running instances, their volumes and network interfaces to those in `tags`. */
export async function retagInstances(
  aws: Aws,
  stack: Stack,
  instanceIds: readonly string[],
  tags: Tags,
): Promise<void> {
  for (let from = 0; from < instanceIds.length; from += filterLimit) {
    const Filters = [{ Name: "instance-id", Values: instanceIds.slice(from, from + filterLimit) }];
    const { Reservations = [] } = await aws.ec2.send(new DescribeInstancesCommand({ Filters }));
    const ids = Reservations.flatMap(({ Instances = [] }) => Instances).flatMap((one) => [
      one.InstanceId ?? "",
      ...(one.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.VolumeId ?? []),
      ...(one.NetworkInterfaces ?? []).flatMap(({ NetworkInterfaceId }) => NetworkInterfaceId ?? []),
    ]);
    await retagAll(aws, stack, ids, tags);
  }
}

/** Brings the tags of a load balancer, listener or target group to exactly `desired`. */
export async function retagElb({ elb }: Aws, live: Tagged, desired: Tags): Promise<void> {
  const { set, remove } = tagChanges(live.tags, desired);
  const ResourceArns = [live.id];
  if (Object.keys(set).length) await elb.send(new AddTagsCommand({ ResourceArns, Tags: tagList(set) }));
  if (remove.length) await elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: remove }));
}

/** The group's own tags; instances get theirs from the launch template. */
export function groupTags(group: string, tags: Tags) {
  return Object.entries(tags).map(([Key, Value]) => ({
    Key,
    Value,
    ResourceId: group,
    ResourceType: "auto-scaling-group",
    PropagateAtLaunch: false,
  }));
}

/** How many tags of Auto Scaling groups one call adds or removes at most (Auto Scaling guide, "Quotas for resources and groups"). */
const perCall = 25;

/** The tags that a group is made with: multivac's own, and as many of the user's as one call takes. */
export function firstGroupTags(tags: Tags): Tags {
  const byOwner = Object.entries(tags).sort(([one], [other]) => Number(isOwnKey(other)) - Number(isOwnKey(one)));
  return Object.fromEntries(byOwner.slice(0, perCall));
}

/** Brings the tags of an Auto Scaling group to exactly `desired`, in calls of at most 25 tags. */
export async function retagGroup({ autoScaling }: Aws, live: Tagged, desired: Tags): Promise<void> {
  const { set, remove } = tagChanges(live.tags, desired);
  const setting = groupTags(live.id, set);
  for (let from = 0; from < setting.length; from += perCall) {
    await autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: setting.slice(from, from + perCall) }));
  }
  const removing = remove.map((Key) => ({ Key, ResourceId: live.id, ResourceType: "auto-scaling-group" }));
  for (let from = 0; from < removing.length; from += perCall) {
    await autoScaling.send(new DeleteGroupTagsCommand({ Tags: removing.slice(from, from + perCall) }));
  }
}
