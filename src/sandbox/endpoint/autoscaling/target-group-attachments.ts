import type { Call } from "../call.ts";
import type { Registration } from "../elasticloadbalancing/registration.ts";
import type { TargetGroups } from "../elasticloadbalancing/target-groups.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import type { Group } from "./group.ts";
import type { Groups } from "./groups.ts";
import type { Loop } from "./loop.ts";
import { page } from "./pages.ts";
import { checkTargetGroups } from "./validation.ts";

interface AttachmentParts {
  groups: Groups;
  targetGroups: TargetGroups;
  registration: Registration;
  loop: Loop;
}

const service = "autoscaling";

/** Attaching and detaching target groups, under the older names and as traffic sources. */
export function targetGroupAttachments({ groups, targetGroups, registration, loop }: AttachmentParts): Handler[] {
  function attach(call: Call): undefined {
    const group = groups.changeable(parametersOf(call).text("AutoScalingGroupName"));
    const arns = arnsIn(call);
    checkTargetGroups(targetGroups, arns);
    for (const arn of arns) {
      if (group.targetGroupArns.includes(arn)) continue;
      group.targetGroupArns.push(arn);
      for (const { id, lifecycle } of group.members.values()) {
        if (lifecycle === "InService") registration.register(arn, id);
      }
    }
    loop.kick(group);
  }

  function detach(call: Call): undefined {
    const group = groups.changeable(parametersOf(call).text("AutoScalingGroupName"));
    for (const arn of arnsIn(call)) {
      if (!group.targetGroupArns.includes(arn)) continue;
      group.targetGroupArns = group.targetGroupArns.filter((other) => other !== arn);
      group.removingTargetGroups.add(arn);
      const leaving = [...group.members.keys()].map((id) => registration.deregister(arn, id));
      void Promise.all(leaving).then(() => group.removingTargetGroups.delete(arn));
    }
  }

  function states(group: Group): { arn: string; state: string }[] {
    const attached = group.targetGroupArns.map((arn) => {
      const targets = [...(targetGroups.find(arn)?.targets.values() ?? [])];
      const own = targets.filter(({ id }) => group.members.has(id));
      if (own.some(({ health }) => health.state === "healthy")) return { arn, state: "InService" };
      return { arn, state: own.length < group.members.size ? "Adding" : "Added" };
    });
    return [...attached, ...[...group.removingTargetGroups].map((arn) => ({ arn, state: "Removing" }))];
  }

  return [
    { service, action: "AttachLoadBalancerTargetGroups", instead: (call) => attach(call) ?? {} },
    { service, action: "AttachTrafficSources", instead: (call) => attach(call) ?? {} },
    { service, action: "DetachLoadBalancerTargetGroups", instead: (call) => detach(call) ?? {} },
    { service, action: "DetachTrafficSources", instead: (call) => detach(call) ?? {} },
    {
      service,
      action: "DescribeLoadBalancerTargetGroups",
      instead(call) {
        const parameters = parametersOf(call);
        const { items, NextToken } = page(states(groups.get(parameters.text("AutoScalingGroupName"))), parameters);
        const shown = items.map(({ arn, state }) => ({ LoadBalancerTargetGroupARN: arn, State: state }));
        return { LoadBalancerTargetGroups: shown, NextToken };
      },
    },
    {
      service,
      action: "DescribeTrafficSources",
      instead(call) {
        const parameters = parametersOf(call);
        const { items, NextToken } = page(states(groups.get(parameters.text("AutoScalingGroupName"))), parameters);
        const shown = items.map(({ arn, state }) => ({
          TrafficSource: arn,
          Identifier: arn,
          Type: "elbv2",
          State: state,
        }));
        return { TrafficSources: shown, NextToken };
      },
    },
  ];
}

function arnsIn(call: Call): string[] {
  const parameters = parametersOf(call);
  const sources = parameters.groups("TrafficSources").map((source) => source.text("Identifier"));
  return [...parameters.list("TargetGroupARNs"), ...sources];
}
