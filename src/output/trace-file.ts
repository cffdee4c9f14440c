import { closeSync, fstatSync, ftruncateSync, openSync, unlinkSync, writeSync } from "node:fs";
import { Failure } from "../failure.ts";
import type { Report } from "../progress.ts";
import { obstacle } from "./obstacle.ts";
import type { RunRecord } from "./record.ts";
import { traceOf } from "./trace.ts";

export interface Trace {
  /**
   * Writes the trace, once. A file that is part of the app, as `error` says, is left as it was, and so is any where the
   * config does not tell what is part of the app.
   */
  finish(error?: unknown): void;
}

/**
 * Opens a file for the trace of a run that reads `inputs`; it keeps what it holds until the trace is there. Throws a
 * `Failure` where it cannot be written.
 */
export function openTrace(
  file: string,
  command: string,
  { record, report, inputs }: { record: RunRecord; report: Report; inputs: readonly (string | undefined)[] },
): Trace {
  const why = obstacle(file, inputs);
  if (why) throw notWritable(file, why);
  const { descriptor, isNew } = open(file);
  let finished = false;
  const write = () => {
    if (fstatSync(descriptor).isFile()) ftruncateSync(descriptor);
    const bytes = Buffer.from(`${JSON.stringify(traceOf(command, record))}\n`);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
  };
  return {
    finish(error) {
      if (finished) return;
      finished = true;
      const isInApp = error instanceof Failure && /^(trace-in-app|config-.*)$/.test(error.code);
      try {
        if (!isInApp) write();
        else if (isNew) unlinkSync(file);
      } catch (cause) {
        report({ type: "warning", text: `The trace could not be written to ${file}: ${(cause as Error).message}` });
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

function open(file: string): { descriptor: number; isNew: boolean } {
  try {
    return { descriptor: openSync(file, "ax"), isNew: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST")
      throw notWritable(file, (error as Error).message, error as Error);
  }
  try {
    return { descriptor: openSync(file, "a"), isNew: false };
  } catch (error) {
    throw notWritable(file, (error as Error).message, error as Error);
  }
}

function notWritable(file: string, reason: string, cause?: Error): Failure {
  return new Failure({
    code: "trace-not-writable",
    message: `The trace cannot be written to ${file}.`,
    reason,
    fix: "Choose another place.",
    cause,
  });
}
