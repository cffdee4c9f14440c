import type { Aws } from "../aws/aws.ts";
import { isOwned, type Stack } from "../stack.ts";
import type { AnyResource, Live } from "./resource.ts";

/** Whether something is the stack's: by its own tags, or, where nobody has tagged it, by those of what it came from. */
export function belongs(stack: Stack, { tags, via }: Live): boolean {
  if (isOwned(stack, tags)) return true;
  return via !== undefined && tags["multivac:name"] === undefined && isOwned(stack, via.live.tags);
}

/** Whose something is that was found, by the tags that AWS has at this moment; it may be gone. */
export async function ownerNow(
  aws: Aws,
  stack: Stack,
  resource: Pick<AnyResource, "resource" | "tagsNow">,
  live: Live,
): Promise<"stack" | "others" | "gone"> {
  if (!resource.tagsNow) throw new Error(`${resource.resource} cannot be asked for its tags`);
  const { via } = live;
  const [tags, proof] = await Promise.all([
    resource.tagsNow(aws, live),
    via && (via.part.tagsNow?.(aws, via.live) ?? via.live.tags),
  ]);
  if (!tags) return "gone";
  const now = { ...live, tags };
  const whole = via ? { ...now, via: { ...via, live: { ...via.live, tags: proof ?? via.live.tags } } } : now;
  return belongs(stack, whole) ? "stack" : "others";
}
