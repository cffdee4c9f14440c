import { stamp } from "./activity.ts";
import { activeMembers, type Group, type Member } from "./group.ts";
import type { Groups } from "./groups.ts";
import { checkMembers, isReady } from "./health.ts";
import { launchMember } from "./launch.ts";
import { type RefreshParts, refreshStep } from "./refresh-step.ts";
import { misplaced, rezone } from "./rezone.ts";
import { selectForTermination } from "./selection.ts";
import { terminateMember } from "./terminate.ts";

export interface ReconcileParts extends RefreshParts {
  groups: Groups;
}

/** Brings a group one step nearer to what it should be. What it starts runs on and calls `again` when it is over. */
export function reconcile(parts: ReconcileParts, group: Group, again: () => void): void {
  checkMembers(parts, group);
  if (group.deleting) emptyOut(parts, group, again);
  else if (!refreshStep(parts, group, again)) {
    replaceUnhealthy(parts, group, again);
    rezone(parts, group, again);
    scale(parts, group, again);
  }
}

function emptyOut(parts: ReconcileParts, group: Group, again: () => void): void {
  for (const member of group.members.values()) {
    if (member.lifecycle === "Terminating" || member.lifecycle === "Pending") continue;
    const cause = `At ${stamp()} a user request force-deleted AutoScalingGroup changing the desired capacity to 0.`;
    void terminateMember(parts, group, member, cause).done.then(again);
  }
  if (group.members.size === 0 && group.launching.length === 0) parts.groups.remove(group);
}

/** With a minimum healthy percentage of 100 an unhealthy member stays until its replacement is ready. */
function replaceUnhealthy(parts: ReconcileParts, group: Group, again: () => void): void {
  if (group.suspended.has("ReplaceUnhealthy") || group.suspended.has("Terminate")) return;
  const active = activeMembers(group);
  const unhealthy = active.filter(({ health }) => health === "Unhealthy");
  const leaving = launchesFirst(group)
    ? unhealthy.slice(
        0,
        Math.max(0, active.filter((m) => isReady(parts, group, m)).length + unhealthy.length - group.desiredCapacity),
      )
    : unhealthy;
  for (const member of leaving) {
    void terminateMember(parts, group, member, member.unhealthyCause ?? "").done.then(again);
  }
}

function launchesFirst({ maintenancePolicy }: Group): boolean {
  return maintenancePolicy !== undefined && maintenancePolicy.min >= 100;
}

function scale(parts: ReconcileParts, group: Group, again: () => void): void {
  const active = activeMembers(group);
  const leaving = misplaced(group);
  const placed = active.filter((member) => !leaving.includes(member));
  const counted = launchesFirst(group) ? placed.filter(({ health }) => health === "Healthy") : placed;
  const present = counted.length + group.launching.length;
  if (present < group.desiredCapacity) launchMissing(parts, group, present, again);
  if (present > group.desiredCapacity) terminateExcess(parts, group, present, again);
  if (present === group.desiredCapacity && group.launching.length === 0) group.capacityCause = "";
}

function launchMissing(parts: ReconcileParts, group: Group, present: number, again: () => void): void {
  if (group.suspended.has("Launch") || Date.now() < group.retryAt) return;
  const cause = launchCause(group, present);
  for (let count = present; count < group.desiredCapacity; count += 1) {
    void launchMember(parts, group, cause).then(again);
  }
}

function launchCause(group: Group, present: number): string {
  const replacing = [...group.members.values()].some(({ health }) => health === "Unhealthy");
  if (replacing && !group.capacityCause) {
    return `At ${stamp()} an instance was launched in response to an unhealthy instance needing to be replaced.`;
  }
  const [moving] = misplaced(group);
  if (moving) {
    return `At ${stamp()} instances were launched to balance instances in zones ${moving.availabilityZone} with other zones resulting in more than desired number of instances in the group.`;
  }
  const difference = `At ${stamp()} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from ${present} to ${group.desiredCapacity}.`;
  return sentence(group.capacityCause, difference);
}

function terminateExcess(parts: ReconcileParts, group: Group, present: number, again: () => void): void {
  if (group.suspended.has("Terminate")) return;
  const selected: Member[] = selectForTermination(group, present - group.desiredCapacity);
  for (const member of selected) {
    const difference = `At ${stamp()} an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${present} to ${group.desiredCapacity}.  At ${stamp()} instance ${member.id} was selected for termination.`;
    void terminateMember(parts, group, member, sentence(group.capacityCause, difference)).done.then(again);
  }
}

function sentence(...parts: string[]): string {
  return parts.filter(Boolean).join("  ");
}
