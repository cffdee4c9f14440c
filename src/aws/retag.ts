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
