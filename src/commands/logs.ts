import { placeOf } from "../deploy/prepare.ts";
import { notDeployed } from "../deploy/standing.ts";
import type { LogLine, LogsDocument, Place } from "../documents.ts";
import { Failure } from "../failure.ts";
import { followLogs } from "../logs/follow.ts";
import type { Wanted } from "../logs/journal.ts";
import { type InstanceLog, readLog } from "../logs/read.ts";
import { hasColour } from "../output/colour.ts";
import type { Outcome } from "../output/document.ts";
import { logText } from "../output/log-text.ts";
import { paintFor } from "../output/paint.ts";
import { isUp, readInstances, type StackInstance, theInstance } from "../reach/instances.ts";
import { closedText, forgetGone, noWayIn, openWays, type WayName, type WayOptions } from "../reach/ways.ts";
import { type CommonOptions, type Context, isSandboxDown, nameStack, openNamed, type Session } from "../session.ts";
import { parseSince } from "../since.ts";
import { commandLine } from "./hint.ts";

interface Options extends CommonOptions, WayOptions {
  instance?: string;
  since?: string;
  lines?: number;
  follow?: boolean;
}

/** How many lines of each instance are shown where nothing else is said. */
const usualLines = 100;

/** Shows the app's log of each instance, by the best way that leads there. */
export async function logs(context: Context, options: Options): Promise<Outcome<LogsDocument>> {
  const since = options.since === undefined ? undefined : parseSince(options.since, new Date());
  const wanted = { since, lines: options.lines ?? (since ? undefined : usualLines) };
  if (options.follow && options.way === "console") throw consoleEnds();
  if (await isSandboxDown(context)) {
    const stack = await nameStack(context);
    throw notDeployed(stack, commandLine("deploy", context), "The sandbox is not running.");
  }
  const session = await openNamed(context);
  const [place, all] = await Promise.all([placeOf(session), readInstances(session.aws, session.stack)]);
  const instances = chosen(all, session, context, options);
  await forgetGone(session, all);
  const showing = { context, options, session, place, instances, wanted };
  return options.follow ? await follow(showing) : await show(showing);
}

interface Showing {
  context: Context;
  options: Options;
  session: Session;
  place: Place;
  instances: StackInstance[];
  wanted: Wanted;
}

function chosen(all: StackInstance[], { stack }: Session, context: Context, { instance }: Options): StackInstance[] {
  const status = commandLine("status", context);
  if (instance !== undefined) return [theInstance(all, instance, { stack, status })];
  const up = all.filter(isUp);
  if (up.length) return up;
  throw notDeployed(stack, commandLine("deploy", context), "It has no instances.");
}

async function show({ context, options, session, place, instances, wanted }: Showing): Promise<Outcome<LogsDocument>> {
  const { report, stop } = context;
  const ways = openWays(session, options);
  const reading = { aws: session.aws, ways, stop, noWayIn: nowhere(context) };
  const read = await Promise.allSettled(
    instances.map((instance) => readLog(reading, ways.order("log"), instance, wanted)),
  );
  stop.throwIfAborted();
  const logs = read.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  const failures = read.flatMap((one) => (one.status === "rejected" ? one.reason : []));
  const [failure] = failures;
  if (logs.length === 0 || !(failure === undefined || failure instanceof Failure)) throw failure;
  for (const text of notesOn(logs, wanted)) report({ type: "warning", text });
  const text = logText(
    paintFor(hasColour(process.stdout, options.color, process.env)),
    instances.map(({ id }) => id),
  );
  return {
    exitCode: failure ? 3 : 0,
    document: {
      stack: place,
      instances: logs.map(({ instance: { id, availabilityZone, release }, way, truncated, lines }) => ({
        id,
        availabilityZone,
        release,
        way,
        truncated,
        lines: lines.map(({ time, source, message }) => ({ time, source, message })),
      })),
    },
    text: inOrder(logs)
      .map(({ id, line }) => text(id, line))
      .join("\n"),
    ...(failure ? { failure } : {}),
  };
}

/** Lines of all instances by their times; those without, of a console, before them. */
function inOrder(logs: readonly InstanceLog[]): { id: string; line: LogLine }[] {
  const all = logs.flatMap(({ instance: { id }, lines }) => lines.map((line) => ({ id, line })));
  return all.sort(({ line: a }, { line: b }) => (a.time ?? "").localeCompare(b.time ?? ""));
}

/** What a person has to know of how the logs were read, each thing once for all instances that it is about. */
function notesOn(logs: readonly InstanceLog[], { since }: Wanted): string[] {
  const notes = new Map<string, string[]>();
  const note = (text: string, { instance }: InstanceLog) => notes.set(text, [...(notes.get(text) ?? []), instance.id]);
  for (const log of logs) {
    const why = log.closed.map(closedText).join(" ");
    if (log.way === "console") {
      const times = since ? " It has no times, so that --since does not count." : "";
      note(`this is the console, its last 64 KB at most.${times}${why ? ` ${why}` : ""}`, log);
    } else if (why) note(`read by ${log.way}. ${why}`, log);
    if (log.truncated) note("there is more: SSM brings only so much at once.", log);
    if (log.lines.length === 0) note("its app has written nothing, or not since then.", log);
  }
  return [...notes].map(([text, ids]) => `${ids.join(", ")}: ${text}`);
}

async function follow({ context, options, session, place, instances, wanted }: Showing): Promise<never> {
  const { report, emit } = context;
  const stop = context.follows();
  const ways = openWays(session, options);
  const text = logText(
    paintFor(hasColour(process.stdout, options.color, process.env)),
    instances.map(({ id }) => id),
  );
  const order = ways.order("log").filter((way) => way !== "console");
  if (order.length === 0) throw consoleEnds("The sandbox runs without machines.");
  const following = {
    ways,
    order,
    stop,
    noWayIn: nowhere(context),
    show: ({ id }: StackInstance, line: LogLine) => {
      const { time, source, message } = line;
      emit({ stack: place, instance: id, time, source, message }, text(id, line));
    },
    tell: ({ id }: StackInstance, what: string) => report({ type: "note", text: `${id} ${what}` }),
  };
  const look = async () => (await readInstances(session.aws, session.stack)).filter(isUp);
  return await followLogs(following, instances, wanted, options.instance === undefined ? look : undefined);
}

function nowhere(context: Context) {
  const console = commandLine("logs --way console", context);
  const fix = `Give what a way lacks (in the config, by a deploy; for SSH by --identity or --user), or look at the console: ${console}`;
  return (instance: StackInstance, closed: [WayName, string][]) => noWayIn(instance, closed, fix);
}

function consoleEnds(reason?: string): Failure {
  return new Failure({
    code: "wrong-call",
    message: "A console cannot be followed: EC2 does not tell it as it goes.",
    reason,
    fix: "Leave out --follow, or --way console.",
  });
}
