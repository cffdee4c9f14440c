import type { Aws } from "../aws/aws.ts";
import { isUnderWay, readInstanceRefresh } from "../aws/instance-refresh.ts";
import type { Plan } from "../engine/plan.ts";
import { Failure, sameCommand } from "../failure.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";
import { launchTemplate } from "../resources/launch-template.ts";

/**
 * Refuses a plan that wants another release or other instances than a roll that is under way brings; a plan that wants
 * the same goes on with that roll. `abort` is the command that ends the roll. Reads AWS only when the plan would roll.
 */
export async function refuseOtherRoll(aws: Aws, plan: Plan, abort: string): Promise<void> {
  const group = plan.steps.find(({ resource }) => resource.resource === autoScalingGroup.resource);
  const template = plan.steps.find(({ resource }) => resource.resource === launchTemplate.resource);
  if (!group?.live || !group.change.fields?.launchTemplateVersion) return;
  const refresh = await readInstanceRefresh(aws, group.live.id);
  if (!refresh || !isUnderWay(refresh) || refresh.Status === "RollbackInProgress" || refresh.Status === "Cancelling")
    return;
  const coming = refresh.DesiredConfiguration?.LaunchTemplate?.Version;
  if (template?.change.action === "none" && coming === (template.live as { version?: string }).version) return;
  const { launchTemplateVersion: before } = group.live as AutoScalingGroupLive;
  throw new Failure({
    code: "roll-under-way",
    message: "A roll to something else is under way.",
    reason: `It brings launch template version ${coming} in place of ${before} and is ${refresh.PercentageComplete ?? 0} % done; this wants another.`,
    fix: `Wait until it is done, then run again: ${sameCommand}\nOr roll it back: ${abort}`,
  });
}
