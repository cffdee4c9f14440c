import type { RunRecord, SpanRecord, TaskRecord } from "./record.ts";

export interface CriticalPath {
  /** The tasks that nothing else could have made up for, in order. */
  tasks: TaskRecord[];
  /** The times between them, of no task. */
  gaps: Interval[];
  /** Where the time on it went, in milliseconds: together the whole run. */
  aws: number;
  bake: number;
  person: number;
  own: number;
}

/**
 * The task that a span is shown in: the one in whose name it is, as long as that ran. What goes on after its task is the
 * run's own, and a name may be that of several tasks, one after another.
 */
export function ownerOf(
  { task, start }: SpanRecord,
  tasks: readonly TaskRecord[],
  end: number,
): TaskRecord | undefined {
  return tasks.find((one) => one.name === task && start >= one.start && start <= (one.end ?? end));
}

export type Interval = readonly [from: number, to: number];

/**
 * The chain of tasks that ends with the last one, each the last to end, or to hand over what it makes, before the next
 * began, or the one that this could not end before: tasks start the moment what they wait for is there. Between two of them
 * the time is that of no task: reads, the plan, a question. `end` is the run's, in milliseconds.
 */
export function criticalPath({ tasks: all, spans }: Pick<RunRecord, "tasks" | "spans">, end: number): CriticalPath {
  const links = chain(all, end);
  const took = { aws: 0, bake: 0, person: 0, own: 0 };
  const add = (window: Interval, name: string | undefined) => {
    const own = spans.filter((span) => (name === undefined ? !ownerOf(span, all, end) : span.task === name));
    const within = split(own, window, end);
    for (const key of ["aws", "bake", "person", "own"] as const) took[key] += within[key];
  };
  const gaps: Interval[] = [];
  let from = 0;
  for (const { task, at } of links) {
    const begin = Math.max(from, task.start);
    gaps.push([from, begin]);
    from = at;
    add([begin, from], task.name);
  }
  gaps.push([from, end]);
  for (const gap of gaps) add(gap, undefined);
  return { tasks: links.map(({ task }) => task), gaps, ...took };
}

/** A task of the chain, and when the next could begin. */
interface Link {
  task: TaskRecord;
  at: number;
}

function chain(tasks: readonly TaskRecord[], end: number): Link[] {
  const left = new Set(tasks.filter((task) => !task.aside || outlasts(task, tasks)));
  const chained: Link[] = [];
  for (let until = end; ; ) {
    const before = [...left].flatMap((task): Link[] => {
      const at = handedOver(task, until, end);
      return at === undefined ? [] : [{ task, at }];
    });
    const [last] = before.sort((a, b) => b.at - a.at);
    if (!last) return chained.reverse();
    left.delete(last.task);
    chained.push(last);
    until = awaited(last.task, left)?.end ?? last.task.start;
  }
}

/** When a task let others go on, by a moment; undefined where it had not by then. */
function handedOver({ end: ended, usable }: TaskRecord, until: number, end: number): number | undefined {
  if ((ended ?? end) <= until) return ended ?? end;
  return usable !== undefined && usable <= until ? usable : undefined;
}

/** Whether one that no other waits for has ended after all others, so that the run's end waited for it. */
function outlasts({ end: ended }: TaskRecord, tasks: readonly TaskRecord[]): boolean {
  return ended !== undefined && tasks.every(({ end = Number.POSITIVE_INFINITY }) => end <= ended);
}

/** The task that one could not end before, where it ended while that one ran. */
function awaited({ after, start }: TaskRecord, tasks: ReadonlySet<TaskRecord>): TaskRecord | undefined {
  return [...tasks].find((task) => task.name === after && (task.end ?? 0) > start);
}

/** What the time in a window went to; a moment in which several things were waited for counts once. */
function split(spans: SpanRecord[], [from, to]: Interval, end: number): Omit<CriticalPath, "tasks" | "gaps"> {
  const of = (...kinds: SpanRecord["kind"][]) =>
    measure(
      spans
        .filter(({ kind }) => kinds.includes(kind))
        .map((span): Interval => [Math.max(from, span.start), Math.min(to, span.end ?? end)]),
    );
  const person = of("question");
  const aws = of("question", "call", "wait");
  const all = of("question", "call", "wait", "bake");
  return { person, aws: aws - person, bake: all - aws, own: to - from - all };
}

/** How long at least one of the intervals lasts. */
export function measure(intervals: Interval[]): number {
  let until = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const [from, to] of intervals.sort((a, b) => a[0] - b[0])) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return sum;
}
