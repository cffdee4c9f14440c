import type { Stack } from "../stack.ts";
import type { Seen } from "./look.ts";
import { protectedAmong } from "./protected.ts";
import { letGo, remove, unprotect } from "./remove.ts";
import type { AnyResource, Live, Staying } from "./resource.ts";
import type { Run } from "./run.ts";
import { dependents, walk } from "./walk.ts";

export interface Doomed {
  resource: AnyResource;
  live: Live;
}

/** What has become of one that was to be deleted. */
export type Outcome = "deleted" | "left" | { failed: unknown };

/** Everything of these resources that was seen, is the stack's, and is deleted by itself. */
export function doomedOf(resources: readonly AnyResource[], seen: Seen): Doomed[] {
  return ownedOf(resources, seen).filter(({ resource, live }) => resource.delete && !resource.whyStays?.(live));
}

/** Everything of these resources that was seen, carries the stack's tags, and stays; each with why. */
export function stayingOf(resources: readonly AnyResource[], seen: Seen): Staying[] {
  return ownedOf(resources, seen).flatMap(({ resource, live }) => {
    const why = resource.whyStays?.(live);
    return why === undefined ? [] : { kind: resource.kind, id: live.id, why };
  });
}

function ownedOf(resources: readonly AnyResource[], seen: Seen): Doomed[] {
  return resources.flatMap((resource) => (seen.get(resource)?.owned ?? []).map((live) => ({ resource, live })));
}

/**
 * Deletes all that is doomed of these resources, dependents first, side by side where it can be; what protects them is
 * taken off first. What of those `seen` goes with others lets these go. `tell` is called for each that is deleted, left
 * because it is the stack's no longer or has to stay, or could not be deleted; one that it is not called for was not
 * reached. Rejects with all that went wrong.
 */
export async function destroy(
  resources: readonly AnyResource[],
  { doomed, seen }: { doomed: readonly Doomed[]; seen: Seen },
  stack: Stack,
  run: Run,
  tell: (one: Doomed, outcome: Outcome) => void,
): Promise<void> {
  const scope = { ...run, stack, gently: false };
  await together(protectedAmong(doomed), ({ resource, live }) => unprotect(resource, live, scope));
  await walk(resources, dependents(resources), async (resource) => {
    const along = resource.delete ? [] : (seen.get(resource)?.owned ?? []);
    await together(along, (live) => letGo(resource, live, scope));
    const own = doomed.filter((one) => one.resource === resource);
    await together(own, async (one) => {
      run.signal.throwIfAborted();
      try {
        tell(one, (await remove(resource, one.live, scope)) ? "deleted" : "left");
      } catch (error) {
        tell(one, { failed: error });
        throw error;
      }
    });
  });
}

/** Does the same with all of them side by side; all errors come back together. */
async function together<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(all.map(work));
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} could not be done`);
  if (errors.length === 1) throw errors[0];
}
