import { DescribeTagsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Live } from "../engine/resource.ts";
import { madeByOthers } from "../engine/taken.ts";
import { isOwned, type Stack, type Tags } from "../stack.ts";
import type { Aws } from "./aws.ts";
import { onceKnown } from "./not-yet-known.ts";
import { readTags } from "./tags.ts";
import { type WaitOptions, waitFor } from "./wait.ts";

/** How long AWS may not list what it calls there already, in seconds. */
const limitSeconds = 120;

/**
 * What stands where AWS says that it is there already: ours when an answer got lost, or a run ended right after it was
 * made. Throws a `Failure` when it does not carry the stack's tags.
 */
export async function madeBefore<L extends Live>(
  read: () => Promise<L | undefined>,
  { stack, kind, name }: { stack: Stack; kind: string; name: string },
  { signal, progress }: Pick<WaitOptions, "signal" | "progress">,
): Promise<L> {
  const found = await waitFor(read, { limitSeconds, signal, progress });
  if (found && isOwned(stack, found.tags)) return found;
  throw madeByOthers(kind, name, found?.id);
}

/** How long the tags of what was just made may not be listed, in seconds. */
const tagLimitSeconds = 20;

/**
 * The tags of what Elastic Load Balancing answers to a create: with what is there by that name and those settings,
 * whoever made it, and whatever its tags. Throws a `Failure` when they are not the stack's.
 */
export async function readMadeTags(
  { elb }: Aws,
  arn: string,
  { stack, kind, name }: { stack: Stack; kind: string; name: string },
  { signal, progress }: Pick<WaitOptions, "signal" | "progress">,
): Promise<Tags> {
  const read = () => elb.send(new DescribeTagsCommand({ ResourceArns: [arn] }));
  const tagged = async () => {
    const { TagDescriptions = [] } = await onceKnown(read, { signal, progress });
    const tags = readTags(TagDescriptions[0]?.Tags);
    return Object.keys(tags).length > 0 ? tags : undefined;
  };
  const tags = await waitFor(tagged, { limitSeconds: tagLimitSeconds, signal, progress });
  if (!tags || !isOwned(stack, tags)) throw madeByOthers(kind, name, arn);
  return tags;
}
