import { AwsError } from "../aws-error.ts";
import type { Activity } from "./activity.ts";
import type { Group, Member } from "./group.ts";

/** Every Auto Scaling group of the sandbox, and what is remembered of deleted ones. */
export interface Groups {
  add(group: Group): void;
  /** Forgets a group but for its activities. */
  remove(group: Group): void;
  find(name: string): Group | undefined;
  /** Refuses in Auto Scaling's words when there is none. */
  get(name: string): Group;
  /** A group that may be changed: not one that is being deleted. */
  changeable(name: string): Group;
  all(): Group[];
  /** The group and the member of an instance. */
  memberOf(instanceId: string): { group: Group; member: Member } | undefined;
  managed(instanceId: string): { group: Group; member: Member };
  deletedActivities(): Activity[];
  clear(): void;
}

export function createGroups(): Groups {
  const groups = new Map<string, Group>();
  let deleted: Activity[] = [];

  const memberOf: Groups["memberOf"] = (instanceId) => {
    for (const group of groups.values()) {
      const member = group.members.get(instanceId);
      if (member) return { group, member };
    }
    return undefined;
  };
  const get: Groups["get"] = (name) => {
    const group = groups.get(name);
    if (group) return group;
    throw new AwsError("ValidationError", `AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
  };

  return {
    add: (group) => void groups.set(group.name, group),
    remove(group) {
      groups.delete(group.name);
      deleted = [...group.activities, ...deleted].slice(0, 5000);
    },
    find: (name) => groups.get(name),
    get,
    changeable(name) {
      const group = get(name);
      if (!group.deleting) return group;
      throw new AwsError("ValidationError", "The AutoScaling group may not be modified while it is pending delete");
    },
    all: () => [...groups.values()],
    memberOf,
    managed(instanceId) {
      const found = memberOf(instanceId);
      if (found) return found;
      throw new AwsError(
        "ValidationError",
        `Instance Id not found - No managed instance found for instance ID: ${instanceId}`,
      );
    },
    deletedActivities: () => deleted,
    clear() {
      groups.clear();
      deleted = [];
    },
  };
}
