import type { Inputs } from "../inputs.ts";
import { needFrom, type Plan } from "./plan.ts";
import { letGo, remove } from "./remove.ts";
import type { AnyResource, Live } from "./resource.ts";
import type { Run } from "./run.ts";
import { doing } from "./told.ts";
import { dependents, walk } from "./walk.ts";

/**
 * Takes away what the plan leaves too many of, once everything else serves: the surplus, dependents first, then what a
 * resource trims. `results` is what `apply` returned.
 */
export async function tidy(
  plan: Plan,
  results: ReadonlyMap<AnyResource, Live>,
  inputs: Inputs,
  run: Run,
): Promise<void> {
  const scope = { ...run, stack: inputs.stack, gently: true };
  const need = needFrom(results);
  const steps = new Map(plan.steps.map((step) => [step.resource, step]));
  if (!plan.changed) return;
  const resources = plan.steps
    .filter(({ resource, surplus }) => resource.trim || surplus.length > 0)
    .map(({ resource }) => resource);
  const going = plan.steps.flatMap(({ surplus }) => surplus);

  await walk(resources, dependents(resources, scope), async (resource) => {
    run.signal.throwIfAborted();
    const { surplus = [] } = steps.get(resource) ?? {};
    for (const one of surplus) await (resource.delete ? remove : letGo)(resource, one, scope);
    const live = results.get(resource);
    const desired = resource.desired?.(inputs, need, live);
    if (resource.trim && live && desired) {
      await resource.trim({ ...doing(scope, () => undefined), need, inputs }, live, desired, going);
    }
  });
}

/**
 * Takes away what a run has made beside what it was to take the place of, dependents first, and then what resources have
 * let in for that. `results` is what `apply` has left.
 */
export async function takeBack(
  plan: Plan,
  results: ReadonlyMap<AnyResource, Live>,
  inputs: Inputs,
  run: Run,
): Promise<void> {
  const scope = { ...run, stack: inputs.stack, gently: true };
  const made = new Map(
    plan.steps.flatMap(({ resource, live, surplus }) => {
      const beside = !live && surplus.length > 0 ? results.get(resource) : undefined;
      return beside ? [[resource, beside] as const] : [];
    }),
  );
  const resources = [...made.keys()];
  await walk(resources, dependents(resources, scope), async (resource) => {
    await remove(resource, made.get(resource) as Live, scope);
  });
  const given = { ...doing(scope, () => undefined), need: needFrom(results), inputs };
  for (const { resource, live } of plan.steps) {
    const now = results.get(resource);
    if (live && now) await resource.trim?.(given, now, live, []);
  }
}
