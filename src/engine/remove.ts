import { belongs, ownerNow } from "./owned.ts";
import type { AnyResource, Doing, Live, Staying } from "./resource.ts";
import type { Scope } from "./run.ts";
import { label, told } from "./told.ts";

/** For how long the tags that a look has read are those that a thing has just before it is deleted, in milliseconds. */
const justBefore = 1000;

/**
 * Deletes one that was found and returns once it is gone. False tells that it is still there: its tags, which are read
 * again where the look is more than a second ago, are the stack's no longer, or it had to stay.
 */
export async function remove(resource: AnyResource, live: Live, scope: Scope): Promise<boolean> {
  if (!belongs(scope.stack, live)) throw new Error(`${live.id} is not of this stack`);
  const task = taskOf(resource, live);
  let left: string | undefined;
  const work = async (doing: Doing) => {
    const stays = (one: Staying) => {
      if (one.id === live.id) left = `stays: ${one.why}`;
      doing.stays(one);
    };
    const owner = await ownerBefore(scope, resource, live);
    if (owner === "stack") await resource.delete?.({ ...doing, stays }, live);
    else if (owner === "others") {
      left = "left alone";
      doing.report({ type: "warning", text: `${task} does not carry the stack's tags any more: left alone.` });
    }
    return live;
  };
  await told(resource, scope, work, { task, unlessLeft: () => left });
  return left === undefined;
}

/** Takes away what one that goes with another holds of the stack's, if it is the stack's still. */
export async function letGo(resource: AnyResource, live: Live, scope: Scope): Promise<void> {
  if (!resource.letGo || (await ownerBefore(scope, resource, live)) !== "stack") return;
  await told(resource, scope, async (doing) => {
    await resource.letGo?.(doing, live);
    return live;
  });
}

/** Whose it is right before it is deleted: as was read a moment ago, or as AWS tells now. */
async function ownerBefore({ aws, stack, readAt }: Scope, resource: AnyResource, live: Live) {
  const now = performance.now();
  const read = readAt?.get(live.id) ?? Number.NEGATIVE_INFINITY;
  if (now - read < justBefore && !resource.takenAlong && !live.via) return "stack";
  const owner = await ownerNow(aws, stack, resource, live);
  if (owner === "stack") readAt?.set(live.id, now);
  return owner;
}

/** Takes off what somebody has set against the deletion of one that was found, if it is the stack's still. */
export async function unprotect(resource: AnyResource, live: Live, scope: Scope): Promise<void> {
  await told(
    resource,
    scope,
    async (doing) => {
      const owner = await ownerNow(scope.aws, scope.stack, resource, live);
      if (owner === "stack") await resource.unprotect?.(doing, live);
      return live;
    },
    { task: `take protection off ${taskOf(resource, live)}` },
  );
}

function taskOf(resource: AnyResource, live: Live): string {
  return `${label(resource)} ${live.name ?? live.id}`;
}
