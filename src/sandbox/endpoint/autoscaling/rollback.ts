import type { Group } from "./group.ts";
import { type InstanceRefresh, outdated } from "./refresh.ts";

/** Turns a refresh round: from now on what differs from the group's own template is replaced. */
export function beginRollback(group: Group, refresh: InstanceRefresh, reason: string): void {
  refresh.rollback = {
    reason,
    started: new Date(),
    percentage: refresh.percentage,
    instancesToUpdate: outdated(group, refresh).length,
  };
  refresh.status = "RollbackInProgress";
  refresh.stalled = undefined;
  refresh.target = group.launchTemplate;
  refresh.percentage = 0;
  refresh.ready = 0;
  refresh.waitingSince = Date.now();
  refresh.total = Math.max(outdated(group, refresh).length, 1);
  group.retryAt = 0;
}
