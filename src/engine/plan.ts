import { isDeepStrictEqual } from "node:util";
import type { Action, Change } from "../documents.ts";
import type { Inputs } from "../inputs.ts";
import type { Stack } from "../stack.ts";
import type { Found, Seen } from "./look.ts";
import { refuseProtected } from "./protected.ts";
import { type AnyResource, knownAfterDeploy, type Live, type Need, type Part } from "./resource.ts";
import { changeUnfinished, madeByOthers } from "./taken.ts";

export type { Action, Change };

/** What is to be done with one resource. */
export interface Step {
  resource: AnyResource;
  change: Change;
  /** The one to work on; undefined when it has to be made. */
  live?: Live | undefined;
  /** Too many of its kind: deleted once everything else is done. */
  surplus: Live[];
}

export interface Plan {
  steps: Step[];
  /** Everything, unchanged resources included, in the order of the graph. */
  changes: Change[];
  changed: boolean;
}

/** What a deploy would do: a pure function of the config and of what was seen. Changes nothing. */
export function makePlan(resources: readonly AnyResource[], seen: Seen, inputs: Inputs): Plan {
  const projected = new Map<AnyResource, Live>();
  const need = needFrom(projected);
  const steps = inOrder(resources).flatMap((resource): Step[] => {
    const found = seen.get(resource) ?? { owned: [], foreign: [] };
    const step = planResource(resource, found, inputs, need);
    if (!step) return [];
    projected.set(resource, project(resource, step));
    return [step];
  });
  const changes = steps.flatMap((step) => [
    step.change,
    ...step.surplus.filter(({ id }) => id !== step.change.id).map((live) => deletion(step.resource, live)),
  ]);
  return { steps, changes, changed: changes.some(({ action }) => action !== "none") };
}

/** `need` over what is known: asking for a resource that no step has made is a fault of the graph. */
export function needFrom(known: ReadonlyMap<AnyResource, Live>): Need {
  return ((dependency: Part<Live>) => {
    const live = known.get(dependency as AnyResource);
    if (!live) throw new Error(`${dependency.resource} is needed by a resource that does not depend on it`);
    return live;
  }) as Need;
}

function planResource(resource: AnyResource, found: Found, inputs: Inputs, need: Need): Step | undefined {
  const { owned, foreign } = found;
  const desired = resource.desired?.(inputs, need, owned[0]);
  if (!desired) return undefined;
  const { current, surplus, replaced } = (resource.choose ?? choose(resource))(owned, desired);
  const about = { resource: resource.resource, kind: resource.kind };
  refuseProtected(
    surplus.map((live) => ({ resource, live })),
    afterProtection,
  );

  if (!current) {
    if (replaced) {
      // Protection that is set in the same config refuses too.
      refuseProtected([{ resource, live: { ...replaced, ...desired } }], afterProtection);
      const name = freeName(resource, inputs.stack, surplus);
      if (resource.names && name === undefined && surplus.length > 1)
        throw changeUnfinished(resource, surplus, desired);
      const taken = foreign.find((live) => name !== undefined && live.name === name);
      if (taken) throw madeByOthers(resource.kind, name ?? "", taken.id);
      const fields = compare(resource, desired, replaced, resource.immutable);
      return {
        resource,
        surplus,
        change: { ...about, action: "replace", id: replaced.id, fields, why: whyReplaced(resource, fields) },
      };
    }
    if (foreign[0]) throw madeByOthers(resource.kind, foreign[0].name ?? foreign[0].id, foreign[0].id);
    const made = resource.desired?.(inputs, need, undefined);
    const why = resource.whyMade?.(inputs);
    const fields = asNew(resource, made ?? desired);
    return {
      resource,
      surplus,
      change: { ...about, action: resource.verbs?.create ?? "create", fields, ...(why ? { why } : {}) },
    };
  }
  const fields = compare(resource, resource.desired?.(inputs, need, current), current);
  if (Object.keys(fields).length === 0) {
    return { resource, live: current, surplus, change: { ...about, action: "none", id: current.id } };
  }
  return {
    resource,
    live: current,
    surplus,
    change: { ...about, action: resource.verbs?.update?.(Object.keys(fields)) ?? "update", id: current.id, fields },
  };
}

const afterProtection =
  "It would have to be replaced or deleted. Set deletionProtection to false in the config and deploy that alone, or take off what was set by hand; then run this again.";

/** The first that needs no replacement is the one to work on; all others are too many. */
function choose(resource: AnyResource): NonNullable<AnyResource["choose"]> {
  return (owned, desired) => {
    const current = owned.find((live) => differing(desired, live, resource.immutable ?? []).length === 0);
    return { current, surplus: owned.filter((live) => live !== current), replaced: current ? undefined : owned[0] };
  };
}

/** The name that a new one can have beside those that go; undefined where it has theirs, or none. */
export function freeName(resource: AnyResource, stack: Stack, surplus: readonly Live[]): string | undefined {
  return resource.names?.(stack).find((name) => !surplus.some((live) => live.name === name));
}

/** The names of desired fields that differ. Undefined means "leave alone", on either side. */
export function differing(desired: object, live: object, among?: readonly string[]): string[] {
  const values = live as Record<string, unknown>;
  return Object.entries(desired).flatMap(([field, value]) => {
    const counts = value !== undefined && values[field] !== undefined && (among?.includes(field) ?? true);
    return counts && !isDeepStrictEqual(value, values[field]) ? [field] : [];
  });
}

function compare(
  resource: AnyResource,
  desired: object,
  live: Live,
  among?: readonly string[],
): NonNullable<Change["fields"]> {
  const shown = shower(resource);
  return Object.fromEntries(
    differing(desired, live, among).map((field) => [
      field,
      { from: shown(field, live[field as keyof Live]), to: shown(field, desired[field as keyof typeof desired]) },
    ]),
  );
}

function asNew(resource: AnyResource, desired: object): NonNullable<Change["fields"]> {
  const shown = shower(resource);
  const values = Object.entries(desired).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(values.map(([field, value]) => [field, { from: null, to: shown(field, value) }]));
}

function shower(resource: AnyResource): (field: string, value: unknown) => unknown {
  return (field, value) =>
    value === undefined || value === null || value === knownAfterDeploy
      ? (value ?? null)
      : (resource.show?.[field]?.(value as never) ?? value);
}

function whyReplaced({ whenReplaced }: AnyResource, fields: NonNullable<Change["fields"]>): string {
  return `AWS cannot change ${Object.keys(fields).join(", ")} in place${whenReplaced ? `: ${whenReplaced}` : ""}`;
}

function deletion(resource: AnyResource, live: Live): Change {
  return { resource: resource.resource, kind: resource.kind, action: "delete", id: live.id };
}

/** The resource as it will be, as far as that is known before. */
function project(resource: AnyResource, { change, live }: Step): Live {
  if (!live) return new Proxy({} as Live, { get: () => knownAfterDeploy });
  const renewed = change.action === "none" ? [] : (resource.renewedBy?.(Object.keys(change.fields ?? {})) ?? []);
  return { ...live, ...Object.fromEntries(renewed.map((field) => [field, knownAfterDeploy])) };
}

/** The resources with every dependency before what depends on it. */
function inOrder(resources: readonly AnyResource[]): AnyResource[] {
  const order = new Set<AnyResource>();
  const add = (resource: AnyResource) => {
    if (order.has(resource)) return;
    resource.dependsOn.forEach(add);
    order.add(resource);
  };
  resources.forEach(add);
  return [...order];
}
