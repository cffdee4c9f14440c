import { Failure } from "./failure.ts";
import type { ProgressEvent, Report } from "./progress.ts";

export interface TimeLimit {
  /** Aborted, with the `Failure` as its reason, when the time is over. */
  signal: AbortSignal;
  /** Passes events on, and remembers what is going on. */
  report: Report;
  /** Undefined as long as there is time. */
  failure(): Failure | undefined;
  release(): void;
}

/**
 * Ends a command after so many minutes, like an interrupt: what is in flight is finished, nothing more is started. The
 * failure tells what was still going on, and what was seen last of it. Without minutes there is no end.
 */
export function timeLimit(minutes: number | undefined, command: string, report: Report): TimeLimit {
  const over = new AbortController();
  const running = new Map<string, string>();
  const watch = (event: ProgressEvent) => {
    if (event.type === "start") running.set(event.task, "");
    if (event.type === "update") running.set(event.task, event.text);
    if (event.type === "end") running.delete(event.task);
    report(event);
  };
  const end = () => {
    report({ type: "note", text: `The time limit of ${minutes} min is over. Stopping: calls under way are finished.` });
    over.abort(timedOut(minutes ?? 0, command, running));
  };
  const timer = minutes === undefined ? undefined : setTimeout(end, minutes * 60_000).unref();
  return {
    signal: over.signal,
    report: watch,
    failure: () => (over.signal.aborted ? over.signal.reason : undefined),
    release: () => clearTimeout(timer),
  };
}

function timedOut(minutes: number, command: string, running: ReadonlyMap<string, string>): Failure {
  const seen = [...running].map(([task, text]) => (text ? `${task}: ${text}` : task));
  return new Failure({
    code: "timed-out",
    message: `This was not done within ${minutes} ${minutes === 1 ? "minute" : "minutes"}.`,
    reason: seen.length > 0 ? `Still going on, as seen last:\n${seen.join("\n")}` : undefined,
    fix: `AWS goes on with what it has begun. Go on with: ${command}`,
    exitCode: 3,
  });
}
