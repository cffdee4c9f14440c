import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Change, Plan, Step } from "../engine/plan.ts";
import { type AnyResource, knownAfterDeploy, type Live, type Need } from "../engine/resource.ts";
import { Failure } from "../failure.ts";
import type { Inputs } from "../inputs.ts";
import { image } from "../resources/image.ts";
import type { Base } from "./layer.ts";
import type { Place, Prepared } from "./prepare.ts";

type Planned = Pick<Prepared, "place" | "inputs" | "plan">;

/** The image a plan is about: one that was named, or a release on its base. */
const appSchema = z.union([
  z.strictObject({ image: z.string() }),
  z.strictObject({ release: z.string(), base: z.string(), refreshed: z.string().optional() }),
]);

const changeSchema = z.looseObject({ resource: z.string(), kind: z.string(), action: z.string() });

const planSchema = z.object({
  version: z.literal(1),
  stack: z.object({ name: z.string(), environment: z.string(), region: z.string(), account: z.string() }),
  created: z.string(),
  changes: z.array(changeSchema),
  standsOn: z.object({ config: z.string(), app: appSchema, seen: z.record(z.string(), z.string()) }),
});

/** A plan in a file: what deploy would do, and fingerprints of what that follows from. Holds no value of app.env. */
export type SavedPlan = z.output<typeof planSchema>;

/** The plan as it goes into a file. */
export function savedPlan({ place, inputs, plan }: Planned, now: Date): SavedPlan {
  return {
    version: 1,
    stack: place,
    created: now.toISOString(),
    changes: plainChanges(plan.changes),
    standsOn: standsOn(inputs, plan),
  };
}

/** A saved plan from a file's text. Throws a `Failure` for anything that is not one. */
export function parseSavedPlan(file: string, text: string): SavedPlan {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw unreadablePlan(file, "It is not JSON.", cause);
  }
  const { version } = (document ?? {}) as { version?: unknown };
  if (typeof version === "number" && version !== 1) {
    throw unreadablePlan(file, `It is of version ${version}, and this multivac reads version 1.`);
  }
  const parsed = planSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadablePlan(
    file,
    `It was not written by plan --out: ${issue?.path.join(".") || "the document"} is not right.`,
  );
}

export function unreadablePlan(file: string, reason: string, cause?: unknown): Failure {
  return new Failure({
    code: "plan-unreadable",
    message: `${file} cannot be read as a saved plan.`,
    reason,
    fix: "Make one with: multivac plan --out FILE",
    cause,
  });
}

/** The image to plan for again: the one the saved plan names, unless the command line names another. */
export function imageOfPlan({ standsOn: { app } }: SavedPlan, named: string | undefined): string | undefined {
  const planned = "image" in app ? app.image : undefined;
  if (named === undefined || named === planned) return planned;
  throw new Failure({
    code: "wrong-call",
    message: `--image ${named} is not what the saved plan is for.`,
    reason: "image" in app ? `It is for the image ${app.image}.` : `It is for the release ${app.release} of the app.`,
    fix: "Leave out --image, or plan again with it: multivac plan --out FILE --image AMI",
  });
}

/** The base image that the plan's release is made from; undefined for a plan with a named image. */
export function baseOfPlan({ standsOn: { app } }: SavedPlan): Base | undefined {
  return "base" in app ? { id: app.base, refreshed: app.refreshed } : undefined;
}

/** Throws a `Failure` where the plan was made for another stack, account or region. */
export function refuseOtherStack(saved: SavedPlan, place: Place): void {
  const differing = (["name", "environment", "region", "account"] as const).filter(
    (part) => saved.stack[part] !== place[part],
  );
  if (differing.length === 0) return;
  throw new Failure({
    code: "plan-of-another-stack",
    message: "The saved plan was made for another stack.",
    reason: differing.map((part) => `${part}: planned for ${saved.stack[part]}, this is ${place[part]}`).join("\n"),
    fix: "Choose the config, environment, profile and region that it was made with, or plan again: multivac plan --out FILE",
  });
}

/** Whether two plans would do the same to the same things. */
export function samePlan(one: Plan, other: Plan): boolean {
  return isDeepStrictEqual(plainChanges(one.changes), plainChanges(other.changes));
}

/** Throws a `Failure` that names everything that has changed since the plan was saved. */
export function refuseOutdated(saved: SavedPlan, { inputs, plan }: Pick<Planned, "inputs" | "plan">): void {
  const now = standsOn(inputs, plan);
  const reasons = [
    ...(saved.standsOn.config === now.config ? [] : ["The config has changed."]),
    ...appChange(saved.standsOn.app, now.app),
    ...seenChanges(saved, now, plainChanges(plan.changes)),
  ];
  if (reasons.length === 0) return;
  throw new Failure({
    code: "plan-outdated",
    message: `The plan of ${saved.created} does not hold any more; nothing was changed.`,
    reason: reasons.join("\n"),
    fix: "Look at a new one: multivac plan --out FILE",
  });
}

function standsOn(inputs: Inputs, plan: Plan): SavedPlan["standsOn"] {
  const { config, image: wanted } = inputs;
  return {
    config: fingerprint(config),
    app: "named" in wanted ? { image: wanted.named.id } : releaseOf(wanted),
    seen: Object.fromEntries(plan.steps.map((step) => [step.resource.resource, seenOf(step, inputs)])),
  };
}

function releaseOf({ release, base: { id: base, refreshed } }: Exclude<Inputs["image"], { named: unknown }>) {
  return { release, base, ...(refreshed ? { refreshed } : {}) };
}

/**
 * What was read of a resource, as far as the engine compares it: health of instances, or a size that scaling chose
 * within min and max, is not part of it.
 */
function seenOf({ resource, live, surplus }: Step, inputs: Inputs): string {
  const lives = [...(live ? [live] : []), ...surplus].sort((a, b) => (a.id < b.id ? -1 : 1));
  return fingerprint(lives.map((each) => compared(resource, each, inputs)));
}

function compared(resource: AnyResource, live: Live, inputs: Inputs): object {
  const desired: object = resource.desired?.(inputs, unknown, live) ?? {};
  const values = live as unknown as Record<string, unknown>;
  const counts = ([field, value]: [string, unknown]) =>
    value !== undefined && !(field === chosenByScaling && value === values[field]);
  const fields = Object.entries(desired).filter(counts);
  return { id: live.id, ...Object.fromEntries(fields.map(([field]) => [field, values[field]])) };
}

/** Counts only where the engine would change it: beyond min and max. */
const chosenByScaling = "desiredCapacity";

/** Every dependency as one of which nothing is known: only the names of the fields are asked for. */
const unknown = (() => new Proxy({}, { get: () => knownAfterDeploy })) as unknown as Need;

function appChange(then: SavedPlan["standsOn"]["app"], now: SavedPlan["standsOn"]["app"]): string[] {
  if (isDeepStrictEqual(then, now)) return [];
  if ("release" in then && "release" in now) {
    return [`The app has changed: release ${then.release} → ${now.release}.`];
  }
  return [`The image has changed: ${imageText(then)} → ${imageText(now)}.`];
}

function imageText(app: SavedPlan["standsOn"]["app"]): string {
  return "image" in app ? app.image : `release ${app.release}`;
}

/** `On AWS listener has changed: planned no change, now create.` for each resource that is not as it was. */
function seenChanges(
  { standsOn: before, changes: planned }: SavedPlan,
  now: SavedPlan["standsOn"],
  changes: SavedPlan["changes"],
): string[] {
  const resources = [...new Set([...Object.keys(before.seen), ...Object.keys(now.seen)])];
  // Which image was looked for follows from the app.
  const isSeen = (resource: string) => resource !== image.resource || isDeepStrictEqual(before.app, now.app);
  return resources.flatMap((resource) => {
    const [then, is] = [planned, changes].map((all) => all.filter((change) => change.resource === resource));
    const differs = before.seen[resource] !== now.seen[resource] && isSeen(resource);
    if (!differs && isDeepStrictEqual(then, is)) return [];
    const [first = "", second = ""] = [then, is].map((all) => all?.map(changeText).join(", ") || "nothing");
    const how = first === second ? first : `planned ${first}, now ${second}`;
    return [differs ? `On AWS ${resource} has changed: ${how}.` : `The change of ${resource} differs: ${how}.`];
  });
}

function changeText({ action, fields }: SavedPlan["changes"][number]): string {
  const names = Object.keys((fields ?? {}) as object).join(", ");
  if (action === "none") return "no change";
  return names && action !== "create" && action !== "bake" ? `${action} (${names})` : action;
}

/** The changes as JSON gives them back. */
function plainChanges(changes: readonly Change[]): SavedPlan["changes"] {
  return JSON.parse(JSON.stringify(changes));
}

/** A hash in which the order of keys does not count. */
function fingerprint(thing: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(thing, sortedKeys) ?? "")
    .digest("hex");
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
