import type { Report } from "../progress.ts";

interface TimelineEntry {
  name: string;
  /** Seconds from the start of the command. */
  start: number;
  end: number;
}

export interface Timeline {
  entries: TimelineEntry[];
  /** Since the start of the command. */
  seconds(): number;
}

/** Notes when each task of a run started and ended, while passing its events on. */
export function recordTimeline(pass: Report): { report: Report; timeline: Timeline } {
  const begin = performance.now();
  const seconds = () => Math.round(performance.now() - begin) / 1000;
  const started = new Map<string, number>();
  const entries: TimelineEntry[] = [];
  const report: Report = (event) => {
    if (event.type === "start") started.set(event.task, seconds());
    if (event.type === "end") entries.push({ name: event.task, start: started.get(event.task) ?? 0, end: seconds() });
    pass(event);
  };
  return { report, timeline: { entries, seconds } };
}
