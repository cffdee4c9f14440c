import { throwRejected } from "../failure.ts";
import type { Inputs } from "../inputs.ts";
import { differing, freeName, needFrom, type Plan, type Step } from "./plan.ts";
import type { AnyResource, Creating, Live, Making } from "./resource.ts";
import type { Run, Scope } from "./run.ts";
import { madeOtherwise } from "./taken.ts";
import { type Begun, begun } from "./told.ts";
import { walk } from "./walk.ts";

/**
 * Brings AWS to the plan, side by side where it can be. Returns every resource as it is afterwards: `results`, which also
 * holds what got done where this fails.
 */
export async function apply(
  plan: Plan,
  inputs: Inputs,
  run: Run,
  results = new Map<AnyResource, Live>(),
): Promise<ReadonlyMap<AnyResource, Live>> {
  const need = needFrom(results);
  const steps = new Map(plan.steps.map((step) => [step.resource, step]));
  const resources = [...steps.keys()];
  const among = (resource: AnyResource) => resource.dependsOn.filter((dependency) => steps.has(dependency));

  const { rest = [] } = run;
  const vain = new Map(resources.map((resource) => [resource, new AbortController()]));

  const walking = walk(resources, among, async (resource) => {
    run.signal.throwIfAborted();
    const step = steps.get(resource) as Step;
    const desired = resource.desired?.(inputs, need, step.live ?? step.surplus[0]);
    const signal = AbortSignal.any([run.signal, ...[vain.get(resource)?.signal ?? []].flat()]);
    const scope = { ...run, signal, stack: inputs.stack, gently: true };
    try {
      const { live, done } = await settle(step, desired, { need, inputs }, scope);
      results.set(resource, live);
      rest.push(done);
    } catch (error) {
      for (const other of resources)
        if (other.awaits?.some((awaited) => stands(awaited, resource))) vain.get(other)?.abort(error);
      throw error;
    }
  });
  const [walked] = await Promise.allSettled([walking]);
  if (!run.rest || walked.status === "rejected") throwRejected([walked, ...(await Promise.allSettled(rest))]);
  return results;
}

/** Whether one is made only when another is. */
function stands(resource: AnyResource, on: AnyResource): boolean {
  return resource === on || resource.dependsOn.some((dependency) => stands(dependency, on));
}

/** Creates or updates one resource, unless it turns out to be right already. Others may use it before it is done. */
async function settle(
  { resource, live, surplus }: Step,
  desired: object,
  given: Pick<Making, "need" | "inputs">,
  scope: Scope,
): Promise<Begun> {
  if (!live) {
    return await begun(resource, scope, (doing, meanwhile) =>
      create(resource, desired, surplus, { ...doing, ...given, meanwhile }),
    );
  }
  const changed = differing(desired, live);
  if (changed.length === 0) return { live, done: Promise.resolve() };
  return await begun(
    resource,
    scope,
    async (doing) => (await resource.update?.({ ...doing, ...given }, live, desired, changed)) ?? live,
  );
}

async function create(
  resource: AnyResource,
  desired: object,
  surplus: Live[],
  making: Omit<Creating, "beside">,
): Promise<Live> {
  if (!resource.create) throw new Error(`${resource.resource} has no create`);
  const name = freeName(resource, making.stack, surplus) ?? resource.names?.(making.stack)[0] ?? "";
  const made = await resource.create({ ...making, beside: surplus }, desired, name);
  // A run that ended before AWS listed what it made leaves it to the next, which may want it otherwise.
  if (differing(desired, made, resource.immutable ?? []).length > 0) throw madeOtherwise(resource.kind, name, made.id);
  const changed = differing(desired, made);
  return (changed.length > 0 && (await resource.update?.(making, made, desired, changed))) || made;
}
