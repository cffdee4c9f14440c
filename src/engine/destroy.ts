import type { Stack } from "../stack.ts";
import { type Run, remove } from "./apply.ts";
import type { Seen } from "./look.ts";
import type { AnyResource } from "./resource.ts";
import { dependents, walk } from "./walk.ts";

export interface Deleted {
  resource: string;
  kind: string;
  id: string;
}

/**
 * Deletes everything of the stack that was seen, dependents first, side by side where it can be. `deleted` is called
 * for each as it goes, so that a caller knows what is gone also when this rejects.
 */
export async function destroy(
  resources: readonly AnyResource[],
  seen: Seen,
  stack: Stack,
  run: Run,
  deleted: (one: Deleted) => void,
): Promise<void> {
  const there = resources.filter((resource) => resource.delete && seen.get(resource)?.owned.length);
  await walk(resources, dependents(resources), async (resource) => {
    if (!there.includes(resource)) return;
    const { resource: part, kind } = resource;
    const lives = seen.get(resource)?.owned ?? [];
    const results = await Promise.allSettled(
      lives.map(async (live) => {
        await remove(resource, live, { ...run, stack, gently: false });
        deleted({ resource: part, kind, id: live.id });
      }),
    );
    const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    if (errors.length > 0)
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, `${errors.length} could not be deleted`);
  });
}
