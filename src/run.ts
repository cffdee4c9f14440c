import { writeSync } from "node:fs";
import { ask } from "./ask.ts";
import { explainAll } from "./aws/explain.ts";
import { commandLine } from "./commands/hint.ts";
import { Failure } from "./failure.ts";
import { type Interrupts, onInterrupts } from "./interrupts.ts";
import { errorDocument, type Outcome } from "./output/document.ts";
import { failureText } from "./output/failure.ts";
import { hasColour, paintFor } from "./output/paint.ts";
import { progressOn } from "./output/progress.ts";
import { recordRun } from "./output/record.ts";
import type { Trace } from "./output/trace-file.ts";
import type { CommonOptions, Context } from "./session.ts";
import { observed } from "./spans.ts";
import { type TimeLimit, timeLimit } from "./time-limit.ts";

type Run = (context: Context, options: CommonOptions, ...args: string[]) => Promise<Outcome>;

/**
 * Keeps a closed stdout or stderr from ending the run: progress is lost, and the work goes on. A stdout that cannot be
 * written for another reason is told at the end by the exit code.
 */
function outliveClosedStreams(closed: () => void): void {
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return closed();
    process.stderr.write(`stdout cannot be written: ${error.message}\n`);
    process.exitCode = 1;
  });
}

/** Runs one command from its options to its exit code: the one place where results and failures are printed. */
export async function run(
  name: string,
  options: CommonOptions,
  load: () => Promise<Run>,
  args: string[],
): Promise<number> {
  let follows = false;
  const unread = new AbortController();
  outliveClosedStreams(() => unread.abort());
  const paint = paintFor(hasColour(process.stderr, options.color, process.env));
  const { stderr, env } = process;
  // A terminal made by a program may be no column wide: the spinner would reckon with endless lines.
  const live = stderr.isTTY && stderr.columns > 0 && !env.CI && env.TERM !== "dumb" && !options.verbose;
  const screen = {
    stream: stderr,
    paint,
    live,
    quiet: options.quiet === true,
    verbose: options.verbose === true,
  };
  const { report: show, clear } = await progressOn(screen);
  const again = commandLine(name, { options });
  const limit = timeLimit(options.timeout, again, show);
  const { report, record } = recordRun(limit.report);
  let trace: Trace | undefined;
  const interrupts = onInterrupts(again, {
    first: (text) => {
      if (!follows) report({ type: "note", text });
    },
    second: (failure) => {
      trace?.finish();
      if (options.json) writeSync(1, `${JSON.stringify({ version: 1, error: errorDocument(failure) })}\n`);
    },
  });
  try {
    if (options.trace !== undefined) {
      const { openTrace } = await import("./output/trace-file.ts");
      trace = openTrace(options.trace, name, { record, report });
    }
    const note = (text: string) => text && report({ type: "note", text });
    const stop = AbortSignal.any([interrupts.stop, limit.signal]);
    const asking = { clear, note, stop };
    const context: Context = {
      options,
      report,
      record,
      ask: ask(options, paint, asking),
      stop,
      kill: interrupts.kill,
      emit: (document, text) => emit(document, text, options),
      follows: () => {
        follows = true;
        return AbortSignal.any([stop, unread.signal]);
      },
    };
    const command = await load();
    const outcome = await observed(report, () => command(context, options, ...args));
    trace?.finish();
    clear();
    print(outcome, options, paint);
    return outcome.exitCode;
  } catch (error) {
    trace?.finish(error);
    clear();
    if (follows && (interrupts.failure() || unread.signal.aborted)) return await endAtOnce(interrupts, options);
    return fail(asFailure(error, interrupts, limit), options, paint);
  } finally {
    interrupts.release();
    limit.release();
  }
}

function print(outcome: Outcome, { json }: CommonOptions, paint: ReturnType<typeof paintFor>): void {
  const { document, text, failure, standalone } = outcome;
  if (standalone) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  if (standalone) return;
  if (failure) process.stderr.write(`${failureText(failure, paint)}\n`);
  const error = failure ? { error: errorDocument(failure) } : {};
  emit({ ...document, ...error }, text, { json });
}

function emit(document: object, text: string, { json }: { json?: boolean | undefined }): void {
  if (json) process.stdout.write(`${JSON.stringify({ version: 1, ...document })}\n`);
  else if (text) process.stdout.write(`${text}\n`);
}

/** Ends a command that only shows something. A call of it may still be under way, which nobody waits for. */
async function endAtOnce(interrupts: Interrupts, options: CommonOptions): Promise<never> {
  const failure = interrupts.failure();
  if (failure) emit({ error: errorDocument(failure) }, "", options);
  await new Promise((resolve) => process.stdout.write("", resolve));
  process.exit(failure?.exitCode ?? 0);
}

function fail(failures: (Failure | Error)[], { json }: CommonOptions, paint: ReturnType<typeof paintFor>): number {
  const [first] = failures;
  for (const failure of failures) {
    process.stderr.write(failure instanceof Failure ? `${failureText(failure, paint)}\n` : `${bugText(failure)}\n`);
  }
  const shown = first instanceof Failure ? first : new Failure({ code: "bug", message: `${first?.message}` });
  if (json) process.stdout.write(`${JSON.stringify({ version: 1, error: errorDocument(shown) })}\n`);
  return Math.max(...failures.map((failure) => (failure instanceof Failure ? failure.exitCode : 1)));
}

function bugText(error: Error): string {
  return `This is a bug in multivac. Please report it with what follows.\n${error.stack}`;
}

/** What went wrong as failures to show; several where several things failed side by side. */
function asFailure(error: unknown, interrupts: Interrupts, limit: TimeLimit): (Failure | Error)[] {
  const ended = interrupts.failure() ?? limit.failure();
  if (ended) return [ended];
  return explainAll(error).map((each) => (each instanceof Error ? each : new Error(String(each))));
}
