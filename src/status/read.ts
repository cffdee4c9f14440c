import { type Activity, DescribeScalingActivitiesCommand, type InstanceRefresh } from "@aws-sdk/client-auto-scaling";
import type { Aws } from "../aws/aws.ts";
import { isUnderWay, readInstanceRefresh } from "../aws/instance-refresh.ts";
import type { TargetHealth } from "../aws/target-health.ts";
import { orMissing } from "../aws/wait.ts";
import { driftOf } from "../deploy/drift.ts";
import { siteUrl } from "../deploy/healthy.ts";
import { placeOf } from "../deploy/prepare.ts";
import { servingTemplate } from "../deploy/standing.ts";
import type { ActivityStatus, InstanceStatus, RollStatus, StatusDocument } from "../documents.ts";
import { look, type Seen } from "../engine/look.ts";
import { seemsToDeploy } from "../lock/alive.ts";
import { readLock } from "../lock/lock.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";
import { baseImage } from "../resources/base-image.ts";
import { type ImageLive, image } from "../resources/image.ts";
import { stackResources } from "../resources/index.ts";
import { type InstanceLive, instance } from "../resources/instance.ts";
import { type LaunchTemplateLive, launchTemplate, templateVersion } from "../resources/launch-template.ts";
import { type LoadBalancerLive, loadBalancer } from "../resources/load-balancer.ts";
import { type TargetGroupLive, targetGroup } from "../resources/target-group.ts";
import type { Context, Session } from "../session.ts";
import type { Stack } from "../stack.ts";

export type State = StatusDocument["state"];

/** Reads what there is of the stack and how it is; the last `activities` of its group cost a request more. */
export async function readStatus(
  context: Context,
  session: Session,
  { activities = 0 }: { activities?: number } = {},
): Promise<StatusDocument> {
  const { aws, stack } = session;
  const seen = await look(aws, stack, [...stackResources, instance]);
  const place = await placeOf(session, seen);

  const one = <L>(resource: object) => seen.get(resource as typeof image)?.owned[0] as L | undefined;
  const group = one<AutoScalingGroupLive>(autoScalingGroup);
  const balancer = one<LoadBalancerLive>(loadBalancer);
  const template = one<LaunchTemplateLive>(launchTemplate);
  const targets = one<TargetGroupLive>(targetGroup)?.health ?? [];
  const [refresh, done] = await Promise.all([
    group && orMissing(readInstanceRefresh(aws, group.id), "ValidationError"),
    group && activities > 0 ? orMissing(lastActivities(aws, group.id, activities), "ValidationError") : undefined,
  ]);
  const instances = instancesOf(seen, group, targets);
  const serving = template && group ? servingTemplate(template, group) : template;
  const live = ((seen.get(image)?.owned ?? []) as ImageLive[]).find(({ id }) => id === serving?.imageId);

  const resources = stackResources.flatMap((resource) =>
    (seen.get(resource)?.owned ?? []).map((each) => ({
      resource: resource.resource,
      kind: resource.kind,
      id: each.id,
      state: resource.state?.(each) ?? "present",
    })),
  );
  const rolling = isUnderWay(refresh);
  const isWhole = needed.every((resource) => seen.get(resource)?.owned.length);
  const state =
    rolling || (!isWhole && (await isBeingDeployed(aws, stack)))
      ? "deploying"
      : stateOf(seen, group, balancer, instances);
  // While a roll is under way the template is ahead of its group, as it should be.
  const drift = state === "deploying" ? undefined : await driftOf(context, session, seen, template);
  return {
    stack: place,
    state,
    url: balancer ? siteUrl(balancer.dnsName) : null,
    release: serving ? (live?.release ?? releaseOf(serving)) : null,
    image: serving?.imageId ?? null,
    resources,
    instances,
    ...(rolling && refresh && group && template ? { roll: rollOf(refresh, group, template) } : {}),
    ...(done ? { activities: done } : {}),
    ...(drift?.length ? { drift } : {}),
  };
}

function releaseOf({ instanceTags, imageId }: Pick<LaunchTemplateLive, "instanceTags" | "imageId">): string {
  return instanceTags["multivac:release"] ?? imageId;
}

function rollOf(refresh: InstanceRefresh, group: AutoScalingGroupLive, template: LaunchTemplateLive): RollStatus {
  const coming = refresh.DesiredConfiguration?.LaunchTemplate?.Version ?? group.launchTemplateVersion;
  const replaced = group.instances.filter(({ LaunchTemplate }) => LaunchTemplate?.Version === coming);
  const back = refresh.Status === "RollbackInProgress" ? refresh.RollbackDetails : undefined;
  const reason = back?.RollbackReason ?? refresh.StatusReason;
  return {
    status: refresh.Status ?? "",
    percent: (back ? back.PercentageCompleteOnRollback : refresh.PercentageComplete) ?? 0,
    from: releaseOf(servingTemplate(template, group)),
    to: releaseOf(templateVersion(template, coming)),
    old: group.instances.length - replaced.length,
    new: replaced.length,
    ...(reason ? { reason } : {}),
  };
}

async function lastActivities({ autoScaling }: Aws, group: string, count: number): Promise<ActivityStatus[]> {
  const command = new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: count });
  return ((await autoScaling.send(command)).Activities ?? []).map(activityOf);
}

function activityOf({ StartTime, StatusCode, Description = "", StatusMessage }: Activity): ActivityStatus {
  return {
    start: StartTime?.toISOString() ?? "",
    status: StatusCode ?? "",
    description: Description,
    ...(StatusMessage ? { reason: StatusMessage } : {}),
  };
}

function instancesOf(
  seen: Seen,
  group: AutoScalingGroupLive | undefined,
  targets: readonly TargetHealth[],
): InstanceStatus[] {
  const members = new Map((group?.instances ?? []).map((member) => [member.InstanceId, member]));
  // A bake's builder is none of the machines that serve.
  const machines = ((seen.get(instance)?.owned ?? []) as InstanceLive[]).filter(
    ({ tags }) => tags["multivac:resource"] === instance.resource,
  );
  return machines.map(({ id, availabilityZone, release, status: power }) => {
    const target = targets.find(({ instanceId }) => instanceId === id);
    const member = members.get(id);
    const health = target?.state ?? member?.LifecycleState ?? power;
    const reason =
      target?.reason ??
      (member?.HealthStatus === "Unhealthy" ? "marked Unhealthy by its Auto Scaling group" : undefined);
    return { id, availabilityZone, release, health, ...(reason ? { reason } : {}) };
  });
}

/** What a stack consists of once it is deployed. */
const needed = stackResources.filter((resource) => resource !== image && resource !== baseImage);

/** Whether a living run holds the stack's lock to bring it up. */
async function isBeingDeployed(aws: Aws, stack: Stack): Promise<boolean> {
  const lock = await readLock(aws, stack);
  return lock !== undefined && (await seemsToDeploy({ ...lock.holder, heartbeat: lock.heartbeat }));
}

/** Healthy means: everything is there, the load balancer active, and as many healthy targets as are wanted. */
function stateOf(
  seen: Seen,
  group: AutoScalingGroupLive | undefined,
  balancer: LoadBalancerLive | undefined,
  instances: InstanceStatus[],
): State {
  const there = needed.filter((resource) => seen.get(resource)?.owned.length);
  if (there.length === 0) return "absent";
  if (there.length < needed.length || !group || group.status) return "degraded";
  if (balancer?.status === "provisioning") return "deploying";
  if (balancer?.status !== "active") return "degraded";
  const healthy = instances.filter(({ health }) => health === "healthy");
  if (healthy.length >= (group.desiredCapacity ?? 0)) return "healthy";
  const starting = ({ health }: InstanceStatus) =>
    health === "initial" || health === "pending" || health.startsWith("Pending");
  return instances.length > 0 && instances.every(starting) ? "deploying" : "degraded";
}
