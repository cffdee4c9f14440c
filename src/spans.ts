import { AsyncLocalStorage } from "node:async_hooks";
import type { Report, Span, SpanFacts } from "./progress.ts";

/** Who hears of spans, and the task in whose name they are; it goes with the work through every await. */
const work = new AsyncLocalStorage<{ report: Report; task?: string }>();

/** Runs work whose spans `report` shall hear of. Outside of it spans are told to nobody. */
export function observed<T>(report: Report, run: () => T): T {
  return work.run({ report }, run);
}

/** Runs work in the name of a task. */
export function inTask<T>(task: string, run: () => T): T {
  const observer = work.getStore();
  return observer ? work.run({ ...observer, task }, run) : run();
}

/** Runs work that goes on when the task that began it is done: its spans are the run's own. */
export function outOfTask<T>(run: () => T): T {
  const observer = work.getStore();
  return observer ? work.run({ report: observer.report }, run) : run();
}

/** Runs what a span is, and tells when it begins and ends; `facts` says what of its result or error is told. */
export async function during<T>(
  about: Omit<Span, "task">,
  run: () => Promise<T>,
  facts: (result?: T, error?: unknown) => SpanFacts = () => ({}),
): Promise<T> {
  const observer = work.getStore();
  if (!observer) return await run();
  const { report, task } = observer;
  const span = { ...about, task };
  report({ type: "begin", span });
  try {
    const result = await run();
    report({ type: "finish", span, facts: facts(result) });
    return result;
  } catch (error) {
    report({ type: "finish", span, facts: facts(undefined, error) });
    throw error;
  }
}

/** Tells of a span that ends now and began at a moment of `performance.now()`. */
export function sinceThen(about: Omit<Span, "task">, at: number): void {
  const observer = work.getStore();
  if (!observer) return;
  const span = { ...about, task: observer.task };
  observer.report({ type: "begin", span, at });
  observer.report({ type: "finish", span, facts: {} });
}
