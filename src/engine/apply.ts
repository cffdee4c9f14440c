import type { Aws } from "../aws/aws.ts";
import { explainAll } from "../aws/explain.ts";
import { throwRejected } from "../failure.ts";
import type { Inputs } from "../inputs.ts";
import type { Report } from "../progress.ts";
import { inTask } from "../spans.ts";
import { belongs, ownerNow } from "./owned.ts";
import { differing, freeName, needFrom, type Plan, type Step } from "./plan.ts";
import type { AnyResource, Creating, Doing, Live, Making, Staying } from "./resource.ts";
import { madeOtherwise } from "./taken.ts";
import { dependents, walk } from "./walk.ts";

/** What applying a plan and destroying a stack need besides the resources. */
export interface Run {
  aws: Aws;
  report: Report;
  signal: AbortSignal;
  /** Told of what of the stack had to be left; a warning is given where nobody listens. */
  stays?: (one: Staying) => void;
  /** Whether this run deletes one of the stack's; anything of it may go where that is not told. */
  goes?: (id: string) => boolean;
  /** Where it is there, applying ends without what nothing waits for, and puts that here for the caller to wait for. */
  rest?: Promise<void>[];
  /** When the tags of what is to be deleted were read last, by id and `performance.now()`; all the others' are read anew. */
  readAt?: Map<string, number>;
}

/** For how long the tags that a look has read are those that a thing has just before it is deleted, in milliseconds. */
const justBefore = 1000;

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

type Scope = Run & Pick<Doing, "stack" | "gently">;

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

interface Telling {
  task?: string;
  unlessLeft?: () => string | undefined;
}

/** Runs work on a resource and reports its start and end. */
async function told(
  resource: AnyResource,
  scope: Scope,
  work: (doing: Doing) => Promise<Live>,
  telling: Telling = {},
): Promise<Live> {
  const { live, done } = await begun(resource, scope, work, telling);
  await done;
  return live;
}

/** A resource that others may use, and the rest of the work on it. */
interface Begun {
  live: Live;
  done: Promise<void>;
}

/** The same, for work that hands over what only the end waits for; the end that is reported is that of all of it. */
async function begun(
  resource: AnyResource,
  scope: Scope,
  work: (doing: Doing, meanwhile: Creating["meanwhile"]) => Promise<Live>,
  { task = label(resource), unlessLeft }: Telling = {},
): Promise<Begun> {
  const { report } = scope;
  report({ type: "start", task });
  const progress = (text: string) => report({ type: "update", task, text });
  const rest: Promise<void>[] = [];
  const failed = (error: unknown) => {
    const [text] = (explainAll(error)[0] as Error).message.split("\n");
    report({ type: "end", task, ...(scope.signal.aborted ? { outcome: "stopped" } : { outcome: "failed", text }) });
    throw error;
  };
  const ended = (live: Live) => {
    const text = unlessLeft?.();
    if (text) return report({ type: "end", task, outcome: "stopped", text });
    report({ type: "end", task, outcome: "done", ...(task.endsWith(live.name ?? live.id) ? {} : { id: live.id }) });
  };
  const live = await inTask(task, () => work(doing(scope, progress), (more) => void rest.push(more))).catch(failed);
  if (rest.length === 0) {
    ended(live);
    return { live, done: Promise.resolve() };
  }
  const done = Promise.all(rest).then(() => ended(live), failed);
  // Whoever waits for it hears of its failure, later.
  done.catch(() => undefined);
  return { live, done };
}

function doing(scope: Scope, progress: Doing["progress"]): Doing {
  const { report } = scope;
  const warn = ({ kind, id, why }: Staying) => report({ type: "warning", text: `${kind} ${id} stays: ${why}` });
  return { stays: warn, goes: () => true, ...scope, progress };
}

/** A resource as a person reads it: `load balancer security group`. */
export function label({ resource }: { resource: string }): string {
  return resource.replaceAll("-", " ");
}
