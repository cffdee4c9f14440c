import type { Aws } from "../aws/aws.ts";
import type { Seen } from "../engine/look.ts";
import { Failure } from "../failure.ts";
import { type AutoScalingGroupLive, autoScalingGroup } from "../resources/auto-scaling-group.ts";
import { type LaunchTemplateLive, launchTemplate, readTemplate } from "../resources/launch-template.ts";
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
export async function standing(aws: Aws, stack: Stack, seen: Seen, deploy: string): Promise<Standing> {
  const all = <L>(resource: object) => (seen.get(resource as typeof launchTemplate)?.owned ?? []) as unknown as L[];
  const [newest] = all<LaunchTemplateLive>(launchTemplate);
  const [group] = all<AutoScalingGroupLive>(autoScalingGroup);
  const [balancer] = all<LoadBalancerLive>(loadBalancer);
  const targets = all<TargetGroupLive>(targetGroup).find(({ id }) => group?.targetGroupArns.includes(id));
  if (!newest || !group || !balancer || !targets) throw notDeployed(stack, deploy);
  return { serving: await servingTemplate(aws, newest, group), group, targetGroup: targets, loadBalancer: balancer };
}

/** The launch template as in the version that the group uses: while a roll is under way that is not the newest. */
export async function servingTemplate(
  aws: Aws,
  newest: LaunchTemplateLive,
  { launchTemplateId, launchTemplateVersion }: AutoScalingGroupLive,
): Promise<LaunchTemplateLive> {
  if (launchTemplateId !== newest.id || launchTemplateVersion === newest.version) return newest;
  return (await readTemplate(aws, newest.name, launchTemplateVersion)) ?? newest;
}

export function notDeployed(stack: Stack, deploy: string): Failure {
  return new Failure({
    code: "not-deployed",
    message: `${stackKey(stack)} is not there, or not all of it.`,
    reason: "Launch template, Auto Scaling group, target group and load balancer are needed, with the stack's tags.",
    fix: `Deploy with: ${deploy}`,
  });
}
