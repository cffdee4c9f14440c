import { writeSync } from "node:fs";
import { ask } from "./ask.ts";
import { explainAll } from "./aws/explain.ts";
import { typable, typedCommand } from "./commands/hint.ts";
import { Failure } from "./failure.ts";
import { type Interrupts, onInterrupts } from "./interrupts.ts";
import { hasColour } from "./output/colour.ts";
import { errorDocument, type Outcome } from "./output/document.ts";
import { type FailureLook, failureText } from "./output/failure.ts";
import { columnsOf, fit } from "./output/fit.ts";
import { hasLinks } from "./output/hyperlink.ts";
import { paintFor } from "./output/paint.ts";
import { progressOn } from "./output/progress.ts";
import { recordRun } from "./output/record.ts";
import type { Trace } from "./output/trace-file.ts";
import type { CommonOptions, Context } from "./session.ts";
import { observed } from "./spans.ts";
import { type TimeLimit, timeLimit } from "./time-limit.ts";

type Run = (context: Context, options: CommonOptions, ...args: string[]) => Promise<Outcome>;

/** Runs one command from its options to its exit code: the one place where results and failures are printed. */
export async function run(
  name: string,
  options: CommonOptions,
  load: () => Promise<Run>,
  args: string[],
): Promise<number> {
  let isFollowing = false;
  const unread = new AbortController();
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => code === "EPIPE" && unread.abort());
  const { stderr, env } = process;
  const colour = hasColour(stderr, options.color, env);
  // A terminal made by a program may be no column wide: the spinner would reckon with endless lines.
  const live = stderr.isTTY && stderr.columns > 0 && !env.CI && env.TERM !== "dumb" && !options.verbose;
  const screen = {
    stream: stderr,
    colour,
    live,
    quiet: options.quiet === true,
    verbose: options.verbose === true,
  };
  const { report: show, clear } = await progressOn(screen);
  const again = typedCommand();
  const limit = timeLimit(options.timeout, again, show);
  const { report, record } = recordRun(limit.report);
  let trace: Trace | undefined;
  const interrupts = onInterrupts(again, {
    first: (text) => {
      if (!isFollowing) report({ type: "note", text });
    },
    second: (failure) => {
      trace?.finish();
      if (options.json) writeSync(1, `${JSON.stringify({ version: 1, error: errorDocument(failure) })}\n`);
    },
  });
  try {
    if (options.trace !== undefined) {
      const { openTrace } = await import("./output/trace-file.ts");
      const inputs = [options.config ?? "config.json", (options as { plan?: string }).plan];
      trace = openTrace(options.trace, name, { record, report, inputs });
    }
    const note = (text: string) => text && report({ type: "note", text });
    const stop = AbortSignal.any([interrupts.stop, limit.signal]);
    const asking = { clear, note, stop, asking: interrupts.asking };
    const follows = () => {
      isFollowing = true;
      return AbortSignal.any([stop, unread.signal]);
    };
    const context: Context = {
      options,
      report,
      record,
      ask: ask(options, paintFor(colour), asking),
      stop,
      kill: interrupts.kill,
      emit: (document, text) => emit(document, text, options),
      follows,
      lendsTerminal: () => {
        interrupts.leaveKeys();
        return follows();
      },
    };
    const command = await load();
    const outcome = await observed(report, () => command(context, options, ...args));
    trace?.finish();
    clear();
    print(outcome, options);
    return outcome.exitCode;
  } catch (error) {
    trace?.finish(error);
    clear();
    if (isFollowing && (interrupts.failure() || unread.signal.aborted)) return await endAtOnce(interrupts, options);
    return tellFailures(asFailure(error, interrupts, limit), options);
  } finally {
    interrupts.release();
    limit.release();
  }
}

function print(outcome: Outcome, options: CommonOptions): void {
  const { document, text, standalone, verbatim } = outcome;
  const failure = outcome.failure && withCommands(outcome.failure, options);
  if (standalone) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  if (standalone) return;
  if (failure) process.stderr.write(`${failureText(failure, failureLook(options))}\n`);
  const error = failure ? { error: errorDocument(failure) } : {};
  emit({ ...document, ...error }, verbatim ? text : fit(text, columnsOf(process.stdout)), options);
}

function emit(document: object, text: string, { json }: { json?: boolean | undefined }): void {
  if (json) process.stdout.write(`${JSON.stringify({ version: 1, ...document })}\n`);
  else if (text) process.stdout.write(`${text}\n`);
}

/** Ends a command that only shows something. A call of it may still be under way, which nobody waits for. */
async function endAtOnce(interrupts: Interrupts, options: CommonOptions): Promise<never> {
  const failure = interrupts.failure({ looks: true });
  if (failure) emit({ error: errorDocument(failure) }, "", options);
  await new Promise((resolve) => process.stdout.write("", resolve));
  process.exit(failure?.exitCode ?? 0);
}

/** How stderr shows failures: its colours, its width, and whether it makes links. */
function failureLook({ color }: CommonOptions): FailureLook {
  const { stderr, env } = process;
  const colour = hasColour(stderr, color, env);
  return { paint: paintFor(colour), columns: columnsOf(stderr), links: hasLinks(stderr, colour, env) };
}

/** Tells what ended a run, on stderr and as JSON, and gives its exit code. */
export function tellFailures(errors: readonly (Failure | Error)[], options: CommonOptions): number {
  const failures = errors.map((error) => (error instanceof Failure ? withCommands(error, options) : error));
  const [first] = failures;
  const look = failureLook(options);
  for (const failure of failures) {
    process.stderr.write(failure instanceof Failure ? `${failureText(failure, look)}\n` : `${bugText(failure)}\n`);
  }
  const shown = first instanceof Failure ? first : bug(first);
  if (options.json) process.stdout.write(`${JSON.stringify({ version: 1, error: errorDocument(shown) })}\n`);
  return Math.max(...failures.map((failure) => (failure instanceof Failure ? failure.exitCode : 1)));
}

/** A failure whose next step can be typed as it stands. */
function withCommands(failure: Failure, options: CommonOptions): Failure {
  return new Failure({ ...failure, message: failure.message, fix: failure.fix && typable(failure.fix, options) });
}

function bug(error: Error | undefined): Failure {
  return new Failure({
    code: "bug",
    message: `${error?.message}`,
    reason: "This is a fault of multivac itself.",
    fix: "Report it, with the stack that stands on stderr.",
    cause: error,
  });
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
