import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { DescribeTagsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Tags } from "../stack.ts";
import type { Aws } from "./aws.ts";
import { readTags } from "./tags.ts";
import { errorCode } from "./wait.ts";

/**
 * The tags of one thing from EC2's answer to a describe by its id: `list` is where the answer holds things, `field` what
 * holds their id. Undefined where it is not there.
 */
export async function tagsOf(
  answer: Promise<object>,
  { list, field, id }: { list: string; field: string; id: string },
): Promise<Tags | undefined> {
  const found = ((await orGone(answer)) ?? {}) as Record<string, Record<string, unknown>[]>;
  const one = found[list]?.find((each) => each[field] === id);
  return one && readTags((one.Tags ?? one.TagSet) as Parameters<typeof readTags>[0]);
}

/** The tags of an instance, also while EC2 lists one that has ended: what it has left is known by them. */
export async function instanceTagsNow(aws: Aws, { id }: { id: string }): Promise<Tags | undefined> {
  return (await instanceStateNow(aws, id))?.tags;
}

/** An instance's state in AWS's word, and its tags; undefined where EC2 does not list it. */
export async function instanceStateNow({ ec2 }: Aws, id: string): Promise<{ state: string; tags: Tags } | undefined> {
  const { Reservations = [] } = (await orGone(ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] })))) ?? {};
  const [one] = Reservations.flatMap(({ Instances = [] }) => Instances);
  return one && { state: one.State?.Name ?? "", tags: readTags(one.Tags) };
}

/** The tags of a load balancer, listener or target group. */
export async function elbTagsNow({ elb }: Aws, { id }: { id: string }): Promise<Tags | undefined> {
  const { TagDescriptions = [] } = (await orGone(elb.send(new DescribeTagsCommand({ ResourceArns: [id] })))) ?? {};
  return TagDescriptions[0] && readTags(TagDescriptions[0].Tags);
}

/** AWS's words for what is not there: `InvalidGroup.NotFound`, `LoadBalancerNotFoundException`, `InvalidAMIID.Unavailable`. */
async function orGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (/NotFound|^InvalidAMIID\.Unavailable$/.test(errorCode(error))) return undefined;
    throw error;
  }
}
