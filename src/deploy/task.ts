import type { Report } from "../progress.ts";
import { inTask } from "../spans.ts";

/** Runs work as a task that the person sees start and end; `after` names one that it cannot end before. */
export async function task<T>(
  { report, stop }: { report: Report; stop: AbortSignal },
  name: string,
  work: (progress: (text: string) => void) => Promise<T>,
  { after }: { after?: string } = {},
): Promise<T> {
  report({ type: "start", task: name, after });
  try {
    const result = await inTask(name, () => work((text) => report({ type: "update", task: name, text })));
    report({ type: "end", task: name, outcome: "done" });
    return result;
  } catch (error) {
    report({ type: "end", task: name, outcome: stop.aborted ? "stopped" : "failed" });
    throw error;
  }
}
