import { paginateDescribeAutoScalingGroups } from "@aws-sdk/client-auto-scaling";
import { paginateDescribeSecurityGroups } from "@aws-sdk/client-ec2";
import { paginateDescribeLoadBalancers, paginateDescribeTargetGroups } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Aws } from "../../aws/aws.ts";
import { type Quota, quotaFix, quotaName, quotas } from "../../aws/quotas.ts";
import type { AnyResource } from "../../engine/resource.ts";
import { Failure } from "../../failure.ts";
import { autoScalingGroup } from "../../resources/auto-scaling-group.ts";
import { loadBalancer as balancer } from "../../resources/load-balancer.ts";
import { instanceSecurityGroup, loadBalancerSecurityGroup } from "../../resources/security-group.ts";
import { targetGroup } from "../../resources/target-group.ts";
import type { Check, Ground } from "../check.ts";
import { account } from "./settings.ts";
import { stack } from "./stack.ts";

/** The value of a quota in the account. */
export async function readQuota(aws: Aws, quota: Quota): Promise<number> {
  const { quotaValue } = await import("../../aws/quota-value.ts");
  return await quotaValue(aws, quota);
}

/** What is used of a quota, and what a deploy needs besides. */
export interface Use {
  value: number;
  used: number;
  needed: number;
}

/** Says how a quota stands; throws a `Failure` where it does not allow what is needed. */
export function withinQuota(quota: Quota, { value, used, needed }: Use): string {
  if (used + needed <= value) return `${used} of ${value} used, ${needed} more needed`;
  throw new Failure({
    code: "quota-reached",
    message: `The quota ${quotaName(quota)} does not allow ${needed} more.`,
    reason: `It is ${value}, and ${used} are used.`,
    fix: quotaFix(quota),
  });
}

/** A quota of things that a stack has one of for each of `parts`. */
function countQuota(
  name: string,
  quota: Quota,
  parts: readonly AnyResource[],
  count: (aws: Aws) => Promise<number>,
  /** How many of them a bake has for a time. */
  ofBake = 0,
): Check {
  return {
    name,
    needs: [account, stack],
    async look(ground: Ground) {
      const [aws, seen, bakes] = await Promise.all([ground.aws(), ground.seen(), ground.bakes()]);
      const lacking = parts.filter((part) => !seen.get(part)?.owned.length).length;
      const needed = lacking + (bakes ? ofBake : 0);
      if (needed === 0) return "no more are needed";
      const [value, used] = await Promise.all([readQuota(aws, quota), count(aws)]);
      return withinQuota(quota, { value, used, needed });
    },
  };
}

export const loadBalancerQuota = countQuota(
  "load-balancer-quota",
  quotas.loadBalancers,
  [balancer],
  async ({ elb }) => {
    let used = 0;
    for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client: elb }, {}))
      used += LoadBalancers.filter(({ Type }) => Type === "application").length;
    return used;
  },
);

export const targetGroupQuota = countQuota(
  "target-group-quota",
  quotas.targetGroups,
  [targetGroup],
  async ({ elb }) => {
    let used = 0;
    for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client: elb }, {}))
      used += TargetGroups.length;
    return used;
  },
);

export const securityGroupQuota = countQuota(
  "security-group-quota",
  quotas.securityGroups,
  [loadBalancerSecurityGroup, instanceSecurityGroup],
  async ({ ec2 }) => {
    let used = 0;
    const pages = paginateDescribeSecurityGroups({ client: ec2, pageSize: 1000 }, {});
    for await (const { SecurityGroups = [] } of pages) used += SecurityGroups.length;
    return used;
  },
  1,
);

export const autoScalingGroupQuota = countQuota(
  "auto-scaling-group-quota",
  quotas.autoScalingGroups,
  [autoScalingGroup],
  async ({ autoScaling }) => {
    let used = 0;
    const pages = paginateDescribeAutoScalingGroups({ client: autoScaling, pageSize: 100 }, {});
    for await (const { AutoScalingGroups = [] } of pages) used += AutoScalingGroups.length;
    return used;
  },
);

/** The rules of the stack's own groups, which are as many as the config names networks. */
export const ruleQuota: Check = {
  name: "rule-quota",
  needs: [account],
  async look(ground) {
    const [aws, loaded] = await Promise.all([ground.aws(), ground.loaded()]);
    const { loadBalancer, instances } = loaded.config;
    // The instances' group has one for the load balancer besides.
    const inbound = Math.max(loadBalancer.allowFrom.length, instances.sshFrom.length + 1);
    const needed = Math.max(inbound, instances.allowTo?.length ?? 1);
    const value = await readQuota(aws, quotas.rules);
    if (needed <= value) return `${needed} of ${value} in a group`;
    return withinQuota(quotas.rules, { value, used: 0, needed });
  },
};
