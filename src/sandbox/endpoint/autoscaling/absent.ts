import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import type { Groups } from "./groups.ts";

/** What no group of the sandbox has, so that whoever asks sees none of it rather than an unknown action. */
const absent = {
  DescribeLifecycleHooks: "LifecycleHooks",
  DescribeLoadBalancers: "LoadBalancers",
  DescribeNotificationConfigurations: "NotificationConfigurations",
  DescribePolicies: "ScalingPolicies",
  DescribeScheduledActions: "ScheduledUpdateGroupActions",
  DescribeWarmPool: "Instances",
} as const;

/** Empty lists, and the account's limits. */
export function absentThings(groups: Groups): Handler[] {
  const lists = Object.entries(absent).map(
    ([action, list]): Handler => ({
      service: "autoscaling",
      action,
      instead(call) {
        const name = parametersOf(call).optional("AutoScalingGroupName");
        if (name) groups.get(name);
        return { [list]: [] };
      },
    }),
  );
  const limits: Handler = {
    service: "autoscaling",
    action: "DescribeAccountLimits",
    instead: () => ({
      MaxNumberOfAutoScalingGroups: 500,
      MaxNumberOfLaunchConfigurations: 200,
      NumberOfAutoScalingGroups: groups.all().length,
      NumberOfLaunchConfigurations: 0,
    }),
  };
  return [...lists, limits];
}
