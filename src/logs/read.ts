import { execa } from "execa";
import type { Aws } from "../aws/aws.ts";
import { explainAll } from "../aws/explain.ts";
import { consoleText } from "../aws/why.ts";
import type { LogLine } from "../documents.ts";
import { Failure } from "../failure.ts";
import type { StackInstance } from "../reach/instances.ts";
import { keptCharacters } from "../reach/ssm.ts";
import { type WayName, type Ways, whyNot } from "../reach/ways.ts";
import { consoleLines, type JournalLine, journalCommand, journalParser, type Wanted } from "./journal.ts";

/** What was read of an instance's log, and how. */
export interface InstanceLog {
  instance: StackInstance;
  way: WayName;
  lines: LogLine[];
  /** Whether there was more than the way brings: these are the last lines. */
  truncated: boolean;
  /** The better ways, and why each was not taken. */
  closed: [WayName, string][];
}

export interface Reading {
  aws: Aws;
  ways: Ways;
  stop: AbortSignal;
  /** That no way leads to an instance, and why none does. */
  noWayIn(instance: StackInstance, closed: [WayName, string][]): Failure;
}

/** Reads an instance's log by the first way of the order that leads there; throws a `Failure` with why none does. */
export async function readLog(
  reading: Reading,
  order: readonly WayName[],
  instance: StackInstance,
  wanted: Wanted,
): Promise<InstanceLog> {
  const closed: [WayName, string][] = [];
  for (const way of order) {
    const why = (await reading.ways.missing(way, instance, "output")) ?? (await attempt(way));
    if (typeof why !== "string") return { instance, way, ...why, closed };
    closed.push([way, why]);
  }
  throw reading.noWayIn(instance, closed);

  async function attempt(way: WayName) {
    try {
      return await readBy(reading, way, instance, wanted);
    } catch (error) {
      reading.stop.throwIfAborted();
      const [why] = explainAll(error);
      if (!(why instanceof Failure)) throw error;
      return whyNot(why);
    }
  }
}

async function readBy({ aws, ways, stop }: Reading, way: WayName, instance: StackInstance, wanted: Wanted) {
  if (way === "console") {
    const lines = consoleLines(await consoleText(aws, instance.id), wanted);
    return { lines, truncated: false };
  }
  if (way === "ssm") return await readBySsm(ways, instance, wanted, stop);
  const { file, args, env } = await ways.program(way, instance, {
    command: journalCommand(wanted),
    batch: true,
    asRoot: true,
  });
  const ran = await execa(file, args, {
    ...(env ? { env, extendEnv: false } : {}),
    stdin: "ignore",
    reject: false,
    cancelSignal: stop,
    stripFinalNewline: true,
    maxBuffer: 512 * 1024 * 1024,
  });
  stop.throwIfAborted();
  if (ran.exitCode !== 0) throw notRead(instance, ran.stderr, ran.exitCode);
  return { lines: parsed(ran.stdout), truncated: false };
}

/** SSM keeps the beginning of what a command writes, and it is the end that is wanted. */
const most = keptCharacters - 100;

/** Reads what is newest of the journal by a command of SSM's, as much as that brings. */
export async function readBySsm(
  { ssm }: Pick<Ways, "ssm">,
  instance: StackInstance,
  wanted: Wanted,
  stop: AbortSignal,
): Promise<{ lines: JournalLine[]; truncated: boolean }> {
  const { stdout, stderr } = await ssm.run(instance.id, `${journalCommand(wanted)} | tail -c ${most}`, stop);
  if (stdout === "" && stderr.trim() !== "") throw notRead(instance, stderr, undefined);
  const truncated = Buffer.byteLength(stdout) >= most;
  return { lines: parsed(truncated ? stdout.slice(stdout.indexOf("\n") + 1) : stdout), truncated };
}

function parsed(text: string): JournalLine[] {
  const parse = journalParser();
  return text.split("\n").flatMap((line) => parse(line) ?? []);
}

/** The last thing that a program said tells most. */
export function notRead({ id }: StackInstance, said: string, code: number | undefined): Failure {
  const last = said.trim().split("\n").at(-1)?.trim();
  return new Failure({
    code: "no-way-in",
    message: `The journal of ${id} could not be read.`,
    reason: last || `What reads it there ended with exit code ${code}.`,
    fix: "See how the machine is: multivac status\nOr take its console: multivac logs --way console",
  });
}
