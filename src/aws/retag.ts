import { CreateOrUpdateTagsCommand, DeleteTagsCommand as DeleteGroupTagsCommand } from "@aws-sdk/client-auto-scaling";
import { CreateTagsCommand, DeleteTagsCommand } from "@aws-sdk/client-ec2";
import { AddTagsCommand, RemoveTagsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Tags } from "../stack.ts";
import type { Aws } from "./aws.ts";
import { tagChanges, tagList } from "./tags.ts";

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

/** Brings the tags of an Auto Scaling group to exactly `desired`, in calls of at most 25 tags. */
export async function retagGroup({ autoScaling }: Aws, live: Tagged, desired: Tags): Promise<void> {
  const { set, remove } = tagChanges(live.tags, desired);
  const perCall = 25;
  const setting = groupTags(live.id, set);
  for (let from = 0; from < setting.length; from += perCall) {
    await autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: setting.slice(from, from + perCall) }));
  }
  const removing = remove.map((Key) => ({ Key, ResourceId: live.id, ResourceType: "auto-scaling-group" }));
  for (let from = 0; from < removing.length; from += perCall) {
    await autoScaling.send(new DeleteGroupTagsCommand({ Tags: removing.slice(from, from + perCall) }));
  }
}
