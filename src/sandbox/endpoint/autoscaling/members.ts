import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import { shownActivity, stamp } from "./activity.ts";
import type { Groups } from "./groups.ts";
import { isInGracePeriod, markUnhealthy } from "./health.ts";
import type { Loop } from "./loop.ts";
import { type TerminateParts, terminateMember } from "./terminate.ts";
import { refuse } from "./validation.ts";

const service = "autoscaling";

/** The calls about single instances: terminate, set health, protect. */
export function members(parts: TerminateParts & { groups: Groups; loop: Loop }): Handler[] {
  const { groups, loop } = parts;
  return [
    {
      service,
      action: "TerminateInstanceInAutoScalingGroup",
      instead(call) {
        const parameters = parametersOf(call);
        const { group, member } = groups.managed(parameters.text("InstanceId"));
        const decrement = parameters.text("ShouldDecrementDesiredCapacity").toLowerCase() === "true";
        const { desiredCapacity, minSize } = group;
        if (decrement && desiredCapacity <= minSize) {
          refuse(
            `Currently, desiredSize equals minSize (${minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
          );
        }
        const shrinking = decrement ? `, shrinking the capacity from ${desiredCapacity} to ${desiredCapacity - 1}` : "";
        const cause = `At ${stamp()} instance ${member.id} was taken out of service in response to a user request${shrinking}.`;
        if (decrement) group.desiredCapacity -= 1;
        const { activity, done } = terminateMember(parts, group, member, cause);
        void done.then(() => loop.kick(group));
        loop.kick(group);
        return { Activity: shownActivity(activity) };
      },
    },
    {
      service,
      action: "SetInstanceHealth",
      instead(call) {
        const parameters = parametersOf(call);
        const { group, member } = groups.managed(parameters.text("InstanceId"));
        const status = parameters.text("HealthStatus");
        const respectGrace = parameters.flag("ShouldRespectGracePeriod") ?? true;
        if (status === "Healthy") {
          member.health = "Healthy";
        } else if (status !== "Unhealthy") {
          refuse(`Instance health status must be Healthy or Unhealthy, not ${status}`);
        } else if (!(respectGrace && isInGracePeriod(group, member))) {
          markUnhealthy(member, "a user health-check");
        }
        loop.kick(group);
        return undefined;
      },
    },
    {
      service,
      action: "SetInstanceProtection",
      instead(call) {
        const parameters = parametersOf(call);
        const protectedFromScaleIn = parameters.flag("ProtectedFromScaleIn") ?? false;
        for (const id of parameters.list("InstanceIds")) {
          groups.managed(id).member.protectedFromScaleIn = protectedFromScaleIn;
        }
        return {};
      },
    },
  ];
}
