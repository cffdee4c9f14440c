import type { Fate } from "../faults/fate.ts";
import type { Element } from "../xml.ts";
import type { Group, LaunchTemplateReference, Member } from "./group.ts";

export type RefreshStatus =
  | "Pending"
  | "InProgress"
  | "Baking"
  | "Successful"
  | "Failed"
  | "Cancelling"
  | "Cancelled"
  | "RollbackInProgress"
  | "RollbackFailed"
  | "RollbackSuccessful";

export interface RefreshPreferences {
  minHealthyPercentage: number;
  maxHealthyPercentage: number;
  /** How long a new instance counts as not ready yet. */
  instanceWarmup: number;
  skipMatching: boolean;
  autoRollback: boolean;
  scaleInProtectedInstances: "Refresh" | "Ignore" | "Wait";
  standbyInstances: "Terminate" | "Ignore" | "Wait";
  bakeTime: number;
}

/** One rolling replacement of a group's instances. */
export interface InstanceRefresh {
  id: string;
  status: RefreshStatus;
  statusReason?: string;
  started: Date;
  ended?: Date;
  preferences: RefreshPreferences;
  /** What the group becomes on success; without it the group's own template is applied anew. */
  desired: LaunchTemplateReference | undefined;
  /** What instances are launched from, as a number. */
  target: LaunchTemplateReference;
  /** Instances to replace however they match: those that were there at the start. */
  stale: Set<string>;
  total: number;
  percentage: number;
  /** Since when no replacement has become ready. */
  waitingSince: number;
  ready: number;
  bakedAt?: number;
  /** It does nothing until then, and fails then where a failure is told. */
  stalled?: { until: number; failure: string | undefined } | undefined;
  rollback?: { reason: string; started: Date; percentage: number; instancesToUpdate: number };
}

const active: readonly RefreshStatus[] = ["Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"];

function isActive({ status }: InstanceRefresh): boolean {
  return active.includes(status);
}

/** Lets a refresh stall or fail as a call's fate has it. */
export function stall(refresh: InstanceRefresh, fate: Fate | undefined): void {
  refresh.stalled = fate && { until: Date.now() + (fate.seconds ?? 0) * 1000, failure: fate.failure };
}

export function activeRefresh(group: Group): InstanceRefresh | undefined {
  return group.refreshes.find(isActive);
}

export function endRefresh(refresh: InstanceRefresh, status: RefreshStatus, reason?: string): void {
  refresh.status = status;
  refresh.ended = new Date();
  if (reason) refresh.statusReason = reason;
  else delete refresh.statusReason;
}

/** The members that the refresh has still to replace. */
export function outdated(group: Group, { target, stale, status, preferences }: InstanceRefresh): Member[] {
  return [...group.members.values()].filter((member) => {
    if (member.lifecycle === "Terminating") return false;
    if (member.protectedFromScaleIn && preferences.scaleInProtectedInstances === "Ignore") return false;
    if (member.lifecycle === "Standby" && preferences.standbyInstances === "Ignore") return false;
    const { id, version } = member.launchTemplate;
    const differs = id !== target.id || version !== target.version;
    return differs || (status !== "RollbackInProgress" && stale.has(member.id));
  });
}

export function shownRefresh(group: Group, refresh: InstanceRefresh): Element {
  const { preferences, desired, rollback } = refresh;
  const left = isActive(refresh) || refresh.status === "Cancelled" ? outdated(group, refresh).length : 0;
  return {
    InstanceRefreshId: refresh.id,
    AutoScalingGroupName: group.name,
    Status: refresh.status,
    StatusReason: refresh.statusReason,
    StartTime: refresh.started,
    EndTime: refresh.ended,
    PercentageComplete: refresh.percentage,
    InstancesToUpdate: left,
    ProgressDetails: {
      LivePoolProgress: { PercentageComplete: refresh.percentage, InstancesToUpdate: left },
    },
    Preferences: {
      MinHealthyPercentage: preferences.minHealthyPercentage,
      MaxHealthyPercentage: preferences.maxHealthyPercentage,
      InstanceWarmup: preferences.instanceWarmup,
      SkipMatching: preferences.skipMatching,
      AutoRollback: preferences.autoRollback,
      ScaleInProtectedInstances: preferences.scaleInProtectedInstances,
      StandbyInstances: preferences.standbyInstances,
      BakeTime: preferences.bakeTime,
    },
    DesiredConfiguration: desired && {
      LaunchTemplate: {
        LaunchTemplateId: desired.id,
        LaunchTemplateName: desired.name,
        Version: desired.version,
      },
    },
    RollbackDetails: rollback && {
      RollbackReason: rollback.reason,
      RollbackStartTime: rollback.started,
      PercentageCompleteOnRollback: rollback.percentage,
      InstancesToUpdateOnRollback: rollback.instancesToUpdate,
    },
    Strategy: "Rolling",
  };
}
