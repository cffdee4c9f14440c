import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import type { Groups } from "./groups.ts";
import type { Loop } from "./loop.ts";
import { activeRefresh, endRefresh } from "./refresh.ts";

/** `DeleteAutoScalingGroup`: with `ForceDelete` the group stays, "Delete in progress", until its instances are gone. */
export function deleteGroup({ groups, loop }: { groups: Groups; loop: Loop }): Handler {
  return {
    service: "autoscaling",
    action: "DeleteAutoScalingGroup",
    instead(call) {
      const parameters = parametersOf(call);
      const group = groups.get(parameters.text("AutoScalingGroupName"));
      const force = parameters.flag("ForceDelete") ?? false;
      const { deletionProtection } = group;
      if (deletionProtection === "prevent-all-deletion" || (force && deletionProtection === "prevent-force-deletion")) {
        throw new AwsError(
          "ValidationError",
          `AutoScalingGroup '${group.name}' has deletion protection '${deletionProtection}' and cannot be deleted.`,
        );
      }
      if (!force && group.members.size > 0) {
        throw new AwsError(
          "ResourceInUse",
          "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
        );
      }
      if (!force && group.launching.length > 0) {
        throw new AwsError(
          "ScalingActivityInProgress",
          "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
        );
      }
      group.deleting = true;
      const refresh = activeRefresh(group);
      if (refresh) endRefresh(refresh, "Cancelled", "The Auto Scaling group is being deleted.");
      group.desiredCapacity = 0;
      if (group.members.size === 0 && group.launching.length === 0) groups.remove(group);
      else loop.kick(group);
      return undefined;
    },
  };
}
