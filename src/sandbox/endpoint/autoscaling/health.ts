import type { Instances } from "../ec2/instances.ts";
import type { TargetGroups } from "../elasticloadbalancing/target-groups.ts";
import { stamp } from "./activity.ts";
import type { Group, Member } from "./group.ts";

export interface HealthParts {
  instances: Instances;
  targetGroups: TargetGroups;
}

/** Marks the members that an EC2 or an ELB health check finds unhealthy. */
export function checkMembers({ instances, targetGroups }: HealthParts, group: Group): void {
  if (group.suspended.has("HealthCheck")) return;
  for (const member of group.members.values()) {
    if (member.lifecycle !== "InService" || member.health === "Unhealthy") continue;
    if (instances.get(member.id)?.state !== "running") {
      markUnhealthy(member, "an EC2 health check indicating it has been terminated or stopped");
    } else if (isFailedByLoadBalancer(targetGroups, group, member)) {
      markUnhealthy(member, "an ELB system health check failure");
    }
  }
}

/** Marks a member; the sentence becomes the cause of its termination. */
export function markUnhealthy(member: Member, why: string): void {
  member.health = "Unhealthy";
  member.unhealthyCause = `At ${stamp()} an instance was taken out of service in response to ${why}.`;
}

function isFailedByLoadBalancer(targetGroups: TargetGroups, group: Group, member: Member): boolean {
  if (!group.healthCheckType.includes("ELB") || isInGracePeriod(group, member)) return false;
  return targetStates(targetGroups, group, member).includes("unhealthy");
}

export function isInGracePeriod(group: Group, member: Member): boolean {
  return Date.now() < (member.inServiceSince ?? Date.now()) + group.gracePeriodSeconds * 1000;
}

/** The member's state as a target in each of the group's target groups. */
export function targetStates(targetGroups: TargetGroups, group: Group, { id }: Member): string[] {
  return group.targetGroupArns.map((arn) => {
    const targets = [...(targetGroups.find(arn)?.targets.values() ?? [])];
    return targets.find((target) => target.id === id)?.health.state ?? "unused";
  });
}

/** True when a new member can take the place of another: in service, warmed up, and healthy as a target. */
export function isReady({ targetGroups }: HealthParts, group: Group, member: Member): boolean {
  if (member.lifecycle !== "InService" || member.health === "Unhealthy") return false;
  const warmUp = (group.defaultInstanceWarmup ?? 0) * 1000;
  if (Date.now() < (member.inServiceSince ?? Date.now()) + warmUp) return false;
  if (!group.healthCheckType.includes("ELB")) return true;
  return targetStates(targetGroups, group, member).every((state) => state === "healthy" || state === "unused");
}
