import { explainAll } from "../aws/explain.ts";
import { inTask } from "../spans.ts";
import type { AnyResource, Creating, Doing, Live, Staying } from "./resource.ts";
import type { Scope } from "./run.ts";

interface Telling {
  task?: string;
  unlessLeft?: () => string | undefined;
}

/** Runs work on a resource and reports its start and end. */
export async function told(
  resource: AnyResource,
  scope: Scope,
  work: (doing: Doing) => Promise<Live>,
  telling: Telling = {},
): Promise<Live> {
  const { live, done } = await begun(resource, scope, work, telling);
  await done;
  return live;
}

/** A resource that others may use, and the rest of the work on it. */
export interface Begun {
  live: Live;
  done: Promise<void>;
}

/** The same, for work that hands over what only the end waits for; the end that is reported is that of all of it. */
export async function begun(
  resource: AnyResource,
  scope: Scope,
  work: (doing: Doing, meanwhile: Creating["meanwhile"]) => Promise<Live>,
  { task = label(resource), unlessLeft }: Telling = {},
): Promise<Begun> {
  const { report } = scope;
  report({ type: "start", task });
  const progress = (text: string) => report({ type: "update", task, text });
  const rest: Promise<void>[] = [];
  const failed = (error: unknown) => {
    const [text] = (explainAll(error)[0] as Error).message.split("\n");
    report({ type: "end", task, ...(scope.signal.aborted ? { outcome: "stopped" } : { outcome: "failed", text }) });
    throw error;
  };
  const ended = (live: Live) => {
    const text = unlessLeft?.();
    if (text) return report({ type: "end", task, outcome: "stopped", text });
    report({ type: "end", task, outcome: "done", ...(task.endsWith(live.name ?? live.id) ? {} : { id: live.id }) });
  };
  const live = await inTask(task, () => work(doing(scope, progress), (more) => void rest.push(more))).catch(failed);
  if (rest.length === 0) {
    ended(live);
    return { live, done: Promise.resolve() };
  }
  report({ type: "usable", task });
  const done = Promise.all(rest).then(() => ended(live), failed);
  // Whoever waits for it hears of its failure, later.
  done.catch(() => undefined);
  return { live, done };
}

/** What a change of a resource may use, where nobody listens for more. */
export function doing(scope: Scope, progress: Doing["progress"]): Doing {
  const { report } = scope;
  const warn = ({ kind, id, why }: Staying) => report({ type: "warning", text: `${kind} ${id} stays: ${why}` });
  return { stays: warn, goes: () => true, ...scope, progress };
}

/** A resource as a person reads it: `load balancer security group`. */
export function label({ resource }: { resource: string }): string {
  return resource.replaceAll("-", " ");
}
