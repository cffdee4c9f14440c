import type { Group } from "./group.ts";
import type { Groups } from "./groups.ts";
import { type ReconcileParts, reconcile } from "./reconcile.ts";

/** Looks after every group: at once when told that something changed, else a few times a second. */
export interface Loop {
  kick(group: Group): void;
  /** Looks at the group of an instance. */
  kickInstance(instanceId: string): void;
  close(): void;
}

const lookMilliseconds = 200;

export function startLoop(parts: ReconcileParts & { groups: Groups; onError: (error: unknown) => void }): Loop {
  const due = new Set<Group>();
  let closed = false;
  const look = (group: Group) => {
    if (closed || !parts.groups.all().includes(group)) return;
    try {
      reconcile(parts, group, () => kick(group));
    } catch (error) {
      parts.onError(error);
    }
  };
  const kick = (group: Group) => {
    if (due.has(group)) return;
    due.add(group);
    setImmediate(() => {
      due.delete(group);
      look(group);
    });
  };
  const timer = setInterval(() => parts.groups.all().forEach(look), lookMilliseconds);
  return {
    kick,
    kickInstance(id) {
      const found = parts.groups.memberOf(id);
      if (found) kick(found.group);
    },
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}
