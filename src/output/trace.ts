import { criticalPath, ownerOf } from "./critical-path.ts";
import type { RunRecord, SpanRecord, TaskRecord } from "./record.ts";

type TraceEvent = Record<string, unknown> & { ph: "X" | "M"; name: string; pid: number; tid: number };

/**
 * A run in Chrome's Trace Event Format, which Perfetto and chrome://tracing open: a process for each task, its steps on
 * the first line, its calls and pauses on as many lines as went side by side.
 */
export function traceOf(command: string, record: RunRecord): object {
  const end = record.seconds() * 1000;
  const path = criticalPath(record, end);
  const critical = new Set(path.tasks);
  const whole: TaskRecord = { name: command, start: 0, end, steps: [] };
  const owners = new Map(record.spans.map((span) => [span, ownerOf(span, record.tasks, end)]));
  const spansOf = (task: TaskRecord | undefined) => record.spans.filter((span) => owners.get(span) === task);
  const traceEvents = [
    ...processEvents(1, whole, spansOf(undefined), end, {}),
    ...record.tasks.flatMap((task, index) => {
      const outcome = task.outcome ?? "unfinished";
      return processEvents(index + 2, task, spansOf(task), end, { outcome, critical: critical.has(task) });
    }),
  ];
  const seconds = (milliseconds: number) => Math.round(milliseconds) / 1000;
  const { aws, bake, person, own } = path;
  const criticalSeconds = { aws: seconds(aws), bake: seconds(bake), person: seconds(person), multivac: seconds(own) };
  return { displayTimeUnit: "ms", otherData: { command, criticalSeconds }, traceEvents };
}

function processEvents(pid: number, task: TaskRecord, spans: SpanRecord[], end: number, args: object): TraceEvent[] {
  const { name, start, steps } = task;
  const last = task.end ?? end;
  const about = (what: string, tid: number, more: object): TraceEvent => ({
    ph: "M",
    name: what,
    pid,
    tid,
    args: more,
  });
  const slice = (what: string, cat: string, tid: number, [from, to]: [number, number], more: object): TraceEvent => {
    // Each end is rounded by itself, so that neighbours never overlap.
    const [ts, until] = [Math.round(from * 1000), Math.round(to * 1000)];
    return { ph: "X", name: what, cat, pid, tid, ts, dur: until - ts, args: more };
  };
  const lines = inLanes(spans, end);
  return [
    about("process_name", 0, { name }),
    about("process_sort_index", 0, { sort_index: pid }),
    about("thread_name", 1, { name: "steps" }),
    ...lines.map((_, index) => about("thread_name", index + 2, { name: "calls and pauses" })),
    slice(name, "task", 1, [start, last], args),
    ...steps.map((step, index) => slice(step.text, "step", 1, [step.start, steps[index + 1]?.start ?? last], {})),
    ...lines.flatMap((line, index) =>
      line.map((span) => slice(span.name, span.kind, index + 2, [span.start, span.end ?? end], argsOf(span))),
    ),
  ];
}

function argsOf({ kind, attempt, status, requestId, error, end }: SpanRecord): object {
  if (kind !== "call") return {};
  return { attempt, ...(end === undefined ? { unfinished: true } : { status, requestId, error }) };
}

/** Spreads spans over lines on which none overlaps another. */
function inLanes(spans: SpanRecord[], end: number): SpanRecord[][] {
  const lanes: SpanRecord[][] = [];
  for (const span of spans.sort((a, b) => a.start - b.start)) {
    const free = lanes.find((lane) => (lane.at(-1)?.end ?? end) <= span.start);
    if (free) free.push(span);
    else lanes.push([span]);
  }
  return lanes;
}
