import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import { stamp } from "./activity.ts";
import type { Groups } from "./groups.ts";
import type { Loop } from "./loop.ts";
import { refuse } from "./validation.ts";

const processes = [
  "Launch",
  "Terminate",
  "AddToLoadBalancer",
  "AlarmNotification",
  "AZRebalance",
  "HealthCheck",
  "InstanceRefresh",
  "ReplaceUnhealthy",
  "ScheduledActions",
];

/** `SuspendProcesses` and `ResumeProcesses`; without names, all of them. */
export function scalingProcesses({ groups, loop }: { groups: Groups; loop: Loop }): Handler[] {
  const named = (given: string[]) => {
    const unknown = given.find((name) => !processes.includes(name));
    if (unknown) refuse(`One or more of the given process types is invalid: ${unknown}`);
    return given.length > 0 ? given : processes;
  };
  return [
    {
      service: "autoscaling",
      action: "SuspendProcesses",
      instead(call) {
        const parameters = parametersOf(call);
        const group = groups.changeable(parameters.text("AutoScalingGroupName"));
        for (const name of named(parameters.list("ScalingProcesses"))) {
          group.suspended.set(name, `User suspended at ${stamp()}`);
        }
        return undefined;
      },
    },
    {
      service: "autoscaling",
      action: "ResumeProcesses",
      instead(call) {
        const parameters = parametersOf(call);
        const group = groups.changeable(parameters.text("AutoScalingGroupName"));
        for (const name of named(parameters.list("ScalingProcesses"))) group.suspended.delete(name);
        loop.kick(group);
        return undefined;
      },
    },
  ];
}
