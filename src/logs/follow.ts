import { execa } from "execa";
import { explainAll } from "../aws/explain.ts";
import { mayPass, pauseFor } from "../aws/wait.ts";
import { Failure } from "../failure.ts";
import type { StackInstance } from "../reach/instances.ts";
import { type WayName, type Ways, whyNot } from "../reach/ways.ts";
import { followingCommand, type JournalLine, journalParser, type Wanted } from "./journal.ts";
import { notRead, readBySsm } from "./read.ts";

interface Following {
  ways: Ways;
  /** Those that can be followed, best first. */
  order: readonly WayName[];
  stop: AbortSignal;
  show(instance: StackInstance, line: JournalLine): void;
  /** That no way leads to an instance, and why none does. */
  noWayIn(instance: StackInstance, closed: [WayName, string][]): Failure;
  /** What else a person has to know of an instance. */
  tell(instance: StackInstance, text: string): void;
}

/** In milliseconds: between two looks at which instances there are, between two questions to SSM, before another attempt. */
const pauses = { instances: 10_000, ssm: 5_000, again: 3_000 };

/**
 * Follows the logs of instances until the signal aborts: of the first, and of those that come where `look` lists what is
 * up. One that cannot be reached, or not any more, is tried again while it is up. Throws a `Failure` where none of the
 * first can be reached.
 */
export async function followLogs(
  following: Following,
  first: readonly StackInstance[],
  wanted: Wanted,
  look: (() => Promise<readonly StackInstance[]>) | undefined,
): Promise<never> {
  const { tell } = following;
  const over = new AbortController();
  const stop = AbortSignal.any([following.stop, over.signal]);
  const followed = new Map<string, { instance: StackInstance; leaves: AbortController }>();
  let fail: (error: unknown) => void = () => undefined;
  const failing = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failing.catch(() => undefined);

  /** Begins to follow; resolves once it is reached, or with why it is not. */
  const begin = (instance: StackInstance, from: Wanted) => {
    const leaves = new AbortController();
    followed.set(instance.id, { instance, leaves });
    const own = { ...following, stop: AbortSignal.any([stop, leaves.signal]) };
    return new Promise<Failure | undefined>((resolve) => {
      followWhileUp(own, instance, from, resolve).catch((error) => own.stop.aborted || fail(error));
    });
  };
  const watchInstances = async () => {
    const begun = await Promise.all(first.map((instance) => begin(instance, wanted)));
    const [why] = begun;
    if (why && begun.every(Boolean)) throw why;
    for (const [index, failure] of begun.entries())
      if (failure) tell(first[index] as StackInstance, unreached(failure));
    for (;;) {
      await pauseFor(pauses.instances, stop);
      const now = await look?.().catch((error) => {
        if (!mayPass(error)) throw error;
      });
      if (!now) continue;
      for (const { instance, leaves } of [...followed.values()]) {
        if (now.some(({ id }) => id === instance.id)) continue;
        tell(instance, "has gone.");
        leaves.abort();
        followed.delete(instance.id);
      }
      for (const instance of now.filter(({ id }) => !followed.has(id))) {
        tell(instance, `has come, of release ${instance.release}.`);
        void begin(instance, {}).then((failure) => failure && tell(instance, unreached(failure)));
      }
    }
  };
  return await Promise.race([watchInstances(), failing]).finally(() => over.abort());
}

function unreached({ reason = "" }: Failure): string {
  return `cannot be reached yet. ${reason.replaceAll("\n", " ")}`;
}

async function followWhileUp(
  following: Following,
  instance: StackInstance,
  wanted: Wanted,
  tried: (why: Failure | undefined) => void,
): Promise<never> {
  const position = { ...wanted, after: -1 };
  for (;;) {
    const closed = await followOnce(following, instance, position, () => tried(undefined));
    following.stop.throwIfAborted();
    // Only the first of these tells something.
    tried(closed && following.noWayIn(instance, closed));
    await pauseFor(pauses.again, following.stop);
  }
}

/** Where following has got to: what is older was shown. */
interface Position extends Wanted {
  /** In microseconds since 1970. */
  after: number;
}

/** Follows by the first way that leads there, until the connection ends; else tells why none does. */
async function followOnce(
  following: Following,
  instance: StackInstance,
  position: Position,
  reached: () => void,
): Promise<[WayName, string][] | undefined> {
  const closed: [WayName, string][] = [];
  for (const way of following.order) {
    const why =
      (await following.ways.missing(way, instance, "output")) ??
      (await followBy(following, way, instance, position, reached));
    if (why === undefined) return undefined;
    closed.push([way, why]);
  }
  return closed;
}

/** Undefined once a connection that was there has ended, else why there was none. */
async function followBy(
  following: Following,
  way: WayName,
  instance: StackInstance,
  position: Position,
  reached: () => void,
): Promise<string | undefined> {
  let isReached = false;
  const there = () => {
    isReached = true;
    reached();
  };
  try {
    if (way === "ssm") await askAgain(following, instance, position, there);
    else await stream(following, way as "ssh" | "machine", instance, position, there);
    return undefined;
  } catch (error) {
    following.stop.throwIfAborted();
    const [why] = explainAll(error);
    if (!(why instanceof Failure)) throw error;
    return isReached ? undefined : whyNot(why);
  }
}

async function stream(
  { ways, stop, show }: Following,
  way: "ssh" | "machine",
  instance: StackInstance,
  position: Position,
  reached: () => void,
): Promise<void> {
  const command = followingCommand(position);
  const { file, args, env } = await ways.program(way, instance, { command, batch: true, asRoot: true });
  const child = execa(file, args, {
    ...(env ? { env, extendEnv: false } : {}),
    // Ends with this process, and the command with it.
    stdin: "pipe",
    reject: false,
    cancelSignal: stop,
    buffer: { stdout: false, stderr: true },
  });
  const parse = journalParser();
  const { after } = position;
  for await (const raw of child.iterable()) {
    reached();
    pass(parse(raw), after, position, (line) => show(instance, line));
  }
  const { exitCode, stderr } = await child;
  stop.throwIfAborted();
  if (exitCode !== 0) throw notRead(instance, stderr, exitCode);
}

async function askAgain(
  { ways, stop, show, tell }: Following,
  instance: StackInstance,
  position: Position,
  reached: () => void,
): Promise<never> {
  for (;;) {
    const { lines, truncated } = await readBySsm(ways, instance, position, stop);
    reached();
    if (truncated) tell(instance, "wrote more than SSM brings at once; lines are missing here.");
    const { after } = position;
    for (const line of lines) pass(line, after, position, (one) => show(instance, one));
    // From now on everything counts that is new.
    position.lines = undefined;
    position.since ??= new Date();
    await pauseFor(pauses.ssm, stop);
  }
}

/** Shows a line, unless it was shown before this connection or question. Lines that came together have the same time. */
function pass(
  line: JournalLine | undefined,
  shownUntil: number,
  position: Position,
  show: (line: JournalLine) => void,
): void {
  if (!line || line.at <= shownUntil) return;
  position.after = line.at;
  position.since = new Date(Math.floor(line.at / 1_000_000) * 1000);
  position.lines = undefined;
  show(line);
}
