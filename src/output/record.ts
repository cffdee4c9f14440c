import type { TimelineEntry } from "../documents.ts";
import type { ProgressEvent, Report, Span, SpanFacts } from "../progress.ts";

/** A stretch of the run. Times are milliseconds since the process started; no end means that it still goes on. */
interface Stretch {
  start: number;
  end?: number;
}

export interface TaskRecord extends Stretch {
  name: string;
  /** A task that this one cannot end before. */
  after?: string | undefined;
  /** No other task waits for it. */
  aside?: boolean | undefined;
  /** When others could go on with what it makes, where that was before its end. */
  usable?: number;
  outcome?: "done" | "failed" | "stopped";
  /** What it was doing, and since when. */
  steps: { text: string; start: number }[];
}

export interface SpanRecord extends Stretch, Span, SpanFacts {}

/** What ran when. */
export interface RunRecord {
  tasks: readonly TaskRecord[];
  spans: readonly SpanRecord[];
  /** Since the start of the process. */
  seconds(): number;
  /** The tasks that have ended, as the contract's JSON has them. */
  timeline(): TimelineEntry[];
}

/** Notes when each task and each span of a run began and ended, and passes on what is for people. */
export function recordRun(pass: Report): { report: Report; record: RunRecord } {
  const tasks: TaskRecord[] = [];
  const running = new Map<string, TaskRecord>();
  const spans = new Map<Span, SpanRecord>();

  const note = (event: ProgressEvent) => {
    const now = performance.now();
    if (event.type === "begin") spans.set(event.span, { ...event.span, start: event.at ?? now });
    if (event.type === "finish") Object.assign(spans.get(event.span) ?? {}, event.facts, { end: now });
    if (event.type === "start") {
      const begun = { name: event.task, after: event.after, aside: event.aside, start: now, steps: [] };
      running.set(event.task, begun);
      tasks.push(begun);
    }
    if (event.type === "update") {
      const steps = running.get(event.task)?.steps;
      if (steps && steps.at(-1)?.text !== event.text) steps.push({ text: event.text, start: now });
    }
    if (event.type === "usable") Object.assign(running.get(event.task) ?? {}, { usable: now });
    if (event.type === "end") {
      Object.assign(running.get(event.task) ?? {}, { end: now, outcome: event.outcome });
      running.delete(event.task);
    }
  };
  const report: Report = (event) => {
    note(event);
    if (event.type !== "begin" && event.type !== "finish" && event.type !== "usable") pass(event);
  };
  const seconds = () => inSeconds(performance.now());
  const record = {
    tasks,
    get spans() {
      return [...spans.values()];
    },
    seconds,
    timeline: () =>
      tasks.flatMap(({ name, start, end }) =>
        end === undefined ? [] : [{ name, start: inSeconds(start), end: inSeconds(end) }],
      ),
  };
  return { report, record };
}

function inSeconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}
