import { stamp } from "./activity.ts";
import { activeMembers, type Group, type Member } from "./group.ts";
import { type HealthParts, isReady } from "./health.ts";
import { type TerminateParts, terminateMember } from "./terminate.ts";

/** Members in Availability Zones that the group does not have any more; none while it does not rebalance. */
export function misplaced(group: Group): Member[] {
  if (group.suspended.has("AZRebalance")) return [];
  return activeMembers(group).filter(({ availabilityZone }) => !group.availabilityZones.includes(availabilityZone));
}

/** A misplaced member goes once another one is ready in its place. */
export function rezone(parts: HealthParts & TerminateParts, group: Group, again: () => void): void {
  if (group.suspended.has("Terminate")) return;
  const leaving = misplaced(group);
  const ready = activeMembers(group).filter((member) => !leaving.includes(member) && isReady(parts, group, member));
  const count = Math.max(0, ready.length + leaving.length - group.desiredCapacity);
  for (const member of leaving.slice(0, count)) {
    const cause = `At ${stamp()} an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${ready.length + leaving.length} to ${group.desiredCapacity}.  At ${stamp()} instance ${member.id} was selected for termination.`;
    void terminateMember(parts, group, member, cause).done.then(again);
  }
}
