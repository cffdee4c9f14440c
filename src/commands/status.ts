import type { ActivityStatus, InstanceStatus, RollStatus, StatusDocument } from "../documents.ts";
import { label } from "../engine/told.ts";
import { hasColour } from "../output/colour.ts";
import type { Outcome } from "../output/document.ts";
import { clock } from "../output/moment.ts";
import { type Paint, paintFor } from "../output/paint.ts";
import { shortId } from "../output/short-id.ts";
import type { Fact, Looked } from "../output/watch.ts";
import { type CommonOptions, type Context, isSandboxDown, nameStack, openNamed, type Session } from "../session.ts";
import { stackKey } from "../stack.ts";
import { readStatus } from "../status/read.ts";
import { commandLine } from "./hint.ts";

interface Options extends CommonOptions {
  all?: boolean;
  watch?: boolean;
  /** Seconds between two looks of `--watch`. */
  interval?: number;
}

/** Shows what there is of the stack, or of all stacks, and how it is. Changes nothing. */
export async function status(context: Context, options: Options): Promise<Outcome<StatusDocument>> {
  const paint = paintFor(hasColour(process.stdout, options.color, process.env));
  // Types tell of all stacks apart, as "status --all".
  const look = options.all
    ? ((await import("./status-all.ts")).lookAtAll(context, paint) as () => Promise<Looked<never>>)
    : lookAtStack(context, paint, options.watch === true);
  if (!options.watch) return await look();
  const { watch } = await import("../output/watch.ts");
  return await watch(context, look, options.interval ?? 5);
}

/** A look at the stack, of which each opens it again where it has gone with its sandbox. */
function lookAtStack(context: Context, paint: Paint, watched: boolean): () => Promise<Looked<StatusDocument>> {
  let session: Session | undefined;
  return async () => {
    if (!session || context.options.sandbox) {
      if (await isSandboxDown(context)) return absentInSandbox(context);
      session = await openNamed(context);
    }
    const document = await readStatus(context, session, { activities: watched ? 3 : 0 });
    return {
      exitCode: document.state === "healthy" ? 0 : 3,
      document,
      text: statusText(document, context, paint),
      facts: factsOf(document),
    };
  };
}

async function absentInSandbox(context: Context): Promise<Looked<StatusDocument>> {
  const { name, environment } = await nameStack(context);
  const stack = { name, environment, region: null, account: null };
  const nothing = { url: null, release: null, image: null, resources: [], instances: [] };
  const document: StatusDocument = { stack, state: "absent", ...nothing };
  return {
    exitCode: 3,
    document,
    facts: factsOf(document),
    text: `The sandbox is not running, so nothing is deployed in it. Deploy with: ${commandLine("deploy", context)}`,
  };
}

function statusText(shown: StatusDocument, context: Context, paint: Paint): string {
  const { stack, state, url, release, image: ami, resources, instances, roll, activities = [], drift = [] } = shown;
  const key = stackKey(stack);
  const colours = { healthy: paint.green, degraded: paint.red, deploying: paint.yellow, absent: paint.dim };
  if (state === "absent")
    return `${paint.bold(key)}  ${colours.absent("absent")}: nothing is deployed. Deploy with: ${commandLine("deploy", context)}`;
  // Rules are shown by their group's id, which has a line already.
  const shownResources = resources.filter(({ id }, index) => resources.findIndex((one) => one.id === id) === index);
  const width = Math.max(...shownResources.map(({ resource }) => resource.length), 8);
  const about = (what: string) => `  ${paint.dim(what.padEnd("release".length))}  `;
  return [
    `${paint.bold(key)}  ${colours[state](state)}`,
    ...(drift.length ? [`  ${paint.yellow(`differs from the config: ${drift.join(", ")}`)}`] : []),
    ...(url ? [`${about("url")}${url}`] : []),
    ...(release ? [`${about("release")}${release}${ami && ami !== release ? paint.dim(`  ${ami}`) : ""}`] : []),
    ...(roll ? [`${about("roll")}${rollText(roll, paint)}`] : []),
    "",
    ...instances.map((each) => instanceLine(each, paint)),
    ...(instances.length ? [""] : []),
    ...activities.map((each) => activityLine(each, paint)),
    ...(activities.length ? [""] : []),
    ...shownResources.map(
      ({ resource, id, state: how }) => `  ${label({ resource }).padEnd(width)}  ${how}  ${paint.dim(shortId(id))}`,
    ),
  ].join("\n");
}

function instanceLine({ id, availabilityZone, release, health, reason }: InstanceStatus, paint: Paint): string {
  const colour = health === "healthy" ? paint.green : health === "unhealthy" ? paint.red : paint.yellow;
  return `  ${id}  ${availabilityZone}  ${release}  ${colour(health)}${reason ? `  ${reason}` : ""}`;
}

/** `50 %, 1 old, 1 new, 0123456789ab → ba9876543210: Waiting for …` */
function rollText({ status: how, percent, from, to, old, new: fresh, reason }: RollStatus, paint: Paint): string {
  const back = /^(Rollback|Cancel)/.test(how);
  const arrow = back ? "←" : "→";
  const word = how === "InProgress" ? "" : `${how.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()}, `;
  const done = (back ? paint.red : paint.yellow)(`${word}${percent} %`);
  return `${done}, ${old} old, ${fresh} new, ${from} ${arrow} ${to}${reason ? paint.dim(`  ${reason}`) : ""}`;
}

/** What a watcher without a terminal hears of, each thing by itself. */
function factsOf({
  stack,
  state,
  url,
  release,
  resources,
  instances,
  roll,
  activities = [],
  drift,
}: StatusDocument): Fact[] {
  const fact = (about: string, words: unknown[], stays = false): Fact => ({
    about,
    text: [about, ...words].filter(Boolean).join(" "),
    stays,
  });
  return [
    fact(stackKey(stack), [state]),
    ...(url ? [fact("url", [url], true)] : []),
    ...(release ? [fact("release", [release])] : []),
    ...(drift ? [fact("differs from the config:", [drift.join(", ")])] : []),
    ...(roll ? [fact("roll", [rollText(roll, paintFor(false))])] : []),
    ...resources.map(({ resource, id, state: how }) => fact(`${resource} ${shortId(id)}`, [how], true)),
    ...instances.map(({ id, availabilityZone, release: runs, health, reason }) =>
      fact(`instance ${id}`, [availabilityZone, runs, health, reason], true),
    ),
    // They come newest first.
    ...activities
      .map(({ start, status: how, description, reason }) => fact(`${start} ${description}`, [how, reason]))
      .reverse(),
  ];
}

function activityLine({ start, status: how, description, reason }: ActivityStatus, paint: Paint): string {
  const colour = how === "Failed" || how === "Cancelled" ? paint.red : how === "Successful" ? paint.dim : paint.yellow;
  return `  ${paint.dim(clock(new Date(start)))}  ${colour(how)}  ${description}${reason ? `  ${reason}` : ""}`;
}
