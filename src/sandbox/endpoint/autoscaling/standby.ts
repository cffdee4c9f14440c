import type { Registration } from "../elasticloadbalancing/registration.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import { type Activity, beginActivity, endActivity, shownActivity, stamp } from "./activity.ts";
import type { Group, Member } from "./group.ts";
import type { Groups } from "./groups.ts";
import { enterService } from "./launch.ts";
import type { Loop } from "./loop.ts";
import { refuse } from "./validation.ts";

interface StandbyParts {
  groups: Groups;
  registration: Registration;
  loop: Loop;
}

/** `EnterStandby` and `ExitStandby`: instances that stay in the group but serve and count for nothing. */
export function standby({ groups, registration, loop }: StandbyParts): Handler[] {
  async function enter(group: Group, member: Member, activity: Activity): Promise<void> {
    member.lifecycle = "EnteringStandby";
    await Promise.all(group.targetGroupArns.map((arn) => registration.deregister(arn, member.id)));
    member.lifecycle = "Standby";
    endActivity(activity, "Successful");
    loop.kick(group);
  }

  return [
    {
      service: "autoscaling",
      action: "EnterStandby",
      instead(call) {
        const parameters = parametersOf(call);
        const group = groups.changeable(parameters.text("AutoScalingGroupName"));
        const members = parameters.list("InstanceIds").map((id) => groups.managed(id).member);
        const decrement = parameters.text("ShouldDecrementDesiredCapacity").toLowerCase() === "true";
        const { name, minSize, maxSize, desiredCapacity } = group;
        if (decrement && desiredCapacity - members.length < minSize) {
          refuse(
            `AutoScalingGroup ${name} has min-size=${minSize}, max-size=${maxSize}, and desired-size=${desiredCapacity}. To place into standby ${members.length} instance, please update the AutoScalingGroup sizes appropriately.`,
          );
        }
        if (decrement) group.desiredCapacity -= members.length;
        const shrinking = decrement
          ? `, shrinking the capacity from ${desiredCapacity} to ${group.desiredCapacity}`
          : "";
        const activities = members.map((member) => {
          const cause = `At ${stamp()} instance ${member.id} was moved to standby in response to a user request${shrinking}.`;
          const activity = begin(group, member, `Moving EC2 instance to Standby: ${member.id}`, cause);
          void enter(group, member, activity);
          return shownActivity(activity);
        });
        return { Activities: activities };
      },
    },
    {
      service: "autoscaling",
      action: "ExitStandby",
      instead(call) {
        const parameters = parametersOf(call);
        const group = groups.changeable(parameters.text("AutoScalingGroupName"));
        const members = parameters.list("InstanceIds").map((id) => groups.managed(id).member);
        const waiting = members.find(({ lifecycle }) => lifecycle !== "Standby");
        if (waiting) refuse(`The instance ${waiting.id} is not in Standby.`);
        const { desiredCapacity, maxSize } = group;
        const grown = desiredCapacity + members.length;
        if (grown > maxSize) refuse(`The desired capacity ${grown} would be above the group's max size ${maxSize}.`);
        group.desiredCapacity = grown;
        const activities = members.map((member) => {
          const cause = `At ${stamp()} instance ${member.id} was moved out of standby in response to a user request, increasing the capacity from ${desiredCapacity} to ${grown}.`;
          const activity = begin(group, member, `Moving EC2 instance out of Standby: ${member.id}`, cause);
          enterService(registration, group, member);
          endActivity(activity, "Successful");
          return shownActivity(activity);
        });
        loop.kick(group);
        return { Activities: activities };
      },
    },
  ];
}

function begin(group: Group, member: Member, description: string, cause: string): Activity {
  const details = { "Subnet ID": member.subnetId, "Availability Zone": member.availabilityZone };
  return beginActivity(group, { description, cause, details });
}
