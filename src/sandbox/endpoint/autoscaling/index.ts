import type { Handler } from "../handler.ts";
import { absentThings } from "./absent.ts";
import { activities } from "./activities.ts";
import { createGroup, type GroupCallParts } from "./create-group.ts";
import { deleteGroup } from "./delete-group.ts";
import { describeGroups } from "./describe-groups.ts";
import { members } from "./members.ts";
import { scalingProcesses } from "./processes.ts";
import type { ReconcileParts } from "./reconcile.ts";
import { refreshCalls } from "./refresh-calls.ts";
import { standby } from "./standby.ts";
import { tags } from "./tags.ts";
import { targetGroupAttachments } from "./target-group-attachments.ts";
import { updateGroup } from "./update-group.ts";

/** The whole of Auto Scaling's API. */
export function autoScalingHandlers(parts: GroupCallParts & ReconcileParts): Handler[] {
  return [
    createGroup(parts),
    ...updateGroup(parts),
    deleteGroup(parts),
    ...describeGroups(parts.groups),
    ...members(parts),
    activities(parts.groups),
    ...tags(parts.groups),
    ...targetGroupAttachments(parts),
    ...scalingProcesses(parts),
    ...refreshCalls(parts),
    ...standby(parts),
    ...absentThings(parts.groups),
  ];
}
