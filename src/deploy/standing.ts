import type { Seen } from "../engine/look.ts";
import { Failure } from "../failure.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";
import { type LaunchTemplateLive, launchTemplate, templateVersion } from "../resources/launch-template.ts";
import { type LoadBalancerLive, loadBalancer } from "../resources/load-balancer.ts";
import { type TargetGroupLive, targetGroup } from "../resources/target-group.ts";
import { type Stack, stackKey } from "../stack.ts";

/** The parts of a stack that instances are rolled with. */
export interface Standing {
  /** As in the version that the group uses. */
  serving: LaunchTemplateLive;
  group: AutoScalingGroupLive;
  targetGroup: TargetGroupLive;
  loadBalancer: LoadBalancerLive;
}

/** The stack's parts, read from AWS alone; a `Failure` when one that is needed is not there. */
export function standing(stack: Stack, seen: Seen, deploy: string): Standing {
  const all = <L>(resource: object) => (seen.get(resource as typeof launchTemplate)?.owned ?? []) as unknown as L[];
  const [newest] = all<LaunchTemplateLive>(launchTemplate);
  const [group] = all<AutoScalingGroupLive>(autoScalingGroup);
  const [balancer] = all<LoadBalancerLive>(loadBalancer);
  const targets = all<TargetGroupLive>(targetGroup).find(({ id }) => group?.targetGroupArns.includes(id));
  if (!newest || !group || !balancer || !targets) throw notDeployed(stack, deploy);
  return { serving: servingTemplate(newest, group), group, targetGroup: targets, loadBalancer: balancer };
}

/** The launch template as in the version that the group uses: while a roll is under way that is not the newest. */
export function servingTemplate(
  newest: LaunchTemplateLive,
  { launchTemplateId, launchTemplateVersion }: AutoScalingGroupLive,
): LaunchTemplateLive {
  return launchTemplateId === newest.id ? templateVersion(newest, launchTemplateVersion) : newest;
}

const neededToRoll =
  "Its launch template and Auto Scaling group are needed, and to roll also target group and load balancer.";

export function notDeployed(stack: Stack, deploy: string, reason = neededToRoll): Failure {
  return new Failure({
    code: "not-deployed",
    message: `${stackKey(stack)} is not there, or not all of it.`,
    reason,
    fix: `Deploy with: ${deploy}`,
  });
}
