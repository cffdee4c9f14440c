import { AddTagsCommand, RemoveTagsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Aws } from "../aws/aws.ts";
import { type ElbLook, lookAtElb, together } from "../aws/elb-look.ts";
import { tagList } from "../aws/tags.ts";
import type { Creating, Look } from "../engine/resource.ts";
import { isOwned, type Stack, stackKey, type Tags } from "../stack.ts";
import { groupsOf } from "./security-group.ts";

/** Names that a load balancer and a target group may have; the second while it is made beside the first, and after. */
export function elbNames(stack: Stack) {
  const key = stackKey(stack);
  return {
    balancers: [`${key}-lb`, `${key}-lb-b`],
    targetGroups: [`${key}-tg`, `${key}-tg-b`],
  } as const;
}

/** Tells on what has the first name that there may be another of the second: asking for each always costs a call. */
const mark = "multivac:beside";
const besideTag = { [mark]: "b" };

const looks = new WeakMap<Look, Promise<ElbLook>>();

/** What Elastic Load Balancing has by the stack's names, ours or not; read once in a look. */
export function elbOf(look: Look): Promise<ElbLook> {
  const looking = looks.get(look) ?? readByName(look);
  looks.set(look, looking);
  return looking;
}

async function readByName(look: Look): Promise<ElbLook> {
  const { aws, stack, brief } = look;
  const { balancers, targetGroups } = elbNames(stack);
  const second: Record<string, string> = { [balancers[0]]: balancers[1], [targetGroups[0]]: targetGroups[1] };
  // A stack without security groups has no load balancer, which could not be without.
  const otherwise = async (name: string) =>
    (await groupsOf(look)).some(({ tags }) => isOwned(stack, tags)) ? second[name] : undefined;
  const first = { balancers: [balancers[0]], targetGroups: [targetGroups[0]], otherwise };
  const found = await lookAtElb(aws, first, { brief });
  const isMarked = (arn = "") => found.tags.get(arn)?.[mark] !== undefined;
  const more = {
    balancers: isMarked(found.balancers[0]?.balancer.LoadBalancerArn) ? [balancers[1]] : [],
    targetGroups: isMarked(found.targetGroups[0]?.group.TargetGroupArn) ? [targetGroups[1]] : [],
  };
  return more.balancers.length + more.targetGroups.length > 0
    ? together(found, await lookAtElb(aws, more, { brief }))
    : found;
}

/** Tags as they are compared: the mark that there is another beside comes and goes by itself. */
export function withoutMark({ [mark]: _, ...tags }: Tags): Tags {
  return tags;
}

/**
 * To be called before one is made beside another: from now on a look asks for both names. Where it is the first name
 * that is made, the tags that come back are to be set in its creation.
 */
export async function markBeside(
  { aws: { elb }, beside }: Pick<Creating, "aws" | "beside">,
  name: string,
  [first, second]: readonly [string, string],
): Promise<Tags> {
  const marked = beside.filter((one) => one.name === first);
  if (name === second)
    for (const { id } of marked) await elb.send(new AddTagsCommand({ ResourceArns: [id], Tags: tagList(besideTag) }));
  return name === first && beside.some((one) => one.name === second) ? besideTag : {};
}

/** To be called once the one of the second name is gone. */
export async function unmarkBeside({ elb }: Aws, arn: string): Promise<void> {
  await elb.send(new RemoveTagsCommand({ ResourceArns: [arn], TagKeys: [mark] }));
}
