import { isUnderWay, readInstanceRefresh } from "../aws/instance-refresh.ts";
import type { TargetHealth } from "../aws/target-health.ts";
import { driftOf } from "../deploy/drift.ts";
import { siteUrl } from "../deploy/healthy.ts";
import { placeOf } from "../deploy/prepare.ts";
import { servingTemplate } from "../deploy/standing.ts";
import type { InstanceStatus, StatusDocument } from "../documents.ts";
import { label } from "../engine/apply.ts";
import { look, type Seen } from "../engine/look.ts";
import type { Outcome } from "../output/document.ts";
import { hasColour, type Paint, paintFor } from "../output/paint.ts";
import { shortId } from "../output/short-id.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";
import { baseImage } from "../resources/base-image.ts";
import { type ImageLive, image } from "../resources/image.ts";
import { stackResources } from "../resources/index.ts";
import { type InstanceLive, instance } from "../resources/instance.ts";
import { type LaunchTemplateLive, launchTemplate } from "../resources/launch-template.ts";
import { type LoadBalancerLive, loadBalancer } from "../resources/load-balancer.ts";
import { type TargetGroupLive, targetGroup } from "../resources/target-group.ts";
import { type Context, isSandboxDown, nameStack, openNamed } from "../session.ts";
import { stackKey } from "../stack.ts";
import { commandLine } from "./hint.ts";

type State = StatusDocument["state"];

/** Shows what there is of the stack and how it is. Changes nothing. */
export async function status(context: Context): Promise<Outcome<StatusDocument>> {
  if (await isSandboxDown(context)) return absentInSandbox(context);
  const session = await openNamed(context);
  const { aws, stack } = session;
  const seen = await look(aws, stack, [...stackResources, instance]);
  const place = await placeOf(session, seen);

  const one = <L>(resource: object) => seen.get(resource as typeof image)?.owned[0] as L | undefined;
  const group = one<AutoScalingGroupLive>(autoScalingGroup);
  const balancer = one<LoadBalancerLive>(loadBalancer);
  const template = one<LaunchTemplateLive>(launchTemplate);
  const targets = one<TargetGroupLive>(targetGroup)?.health ?? [];
  const refresh = group && (await readInstanceRefresh(aws, group.id));
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
  const state = isUnderWay(refresh) ? "deploying" : stateOf(seen, group, balancer, instances);
  const url = balancer ? siteUrl(balancer.dnsName) : null;
  const release = serving ? (live?.release ?? serving.instanceTags["multivac:release"] ?? serving.imageId) : null;
  // While a roll is under way the template is ahead of its group, as it should be.
  const drift = state === "deploying" ? undefined : await driftOf(context, session, seen, template);
  const document = {
    stack: place,
    state,
    url,
    release,
    image: serving?.imageId ?? null,
    resources,
    instances,
    ...(drift?.length ? { drift } : {}),
  };
  const paint = paintFor(hasColour(process.stdout, context.options.color, process.env));
  return {
    exitCode: state === "healthy" ? 0 : 3,
    document,
    text: statusText({ ...document, key: stackKey(stack) }, context, paint),
  };
}

async function absentInSandbox(context: Context): Promise<Outcome<StatusDocument>> {
  const { name, environment } = await nameStack(context);
  const place = { name, environment, region: null, account: null };
  return {
    exitCode: 3,
    document: { stack: place, state: "absent", url: null, release: null, image: null, resources: [], instances: [] },
    text: `The sandbox is not running, so nothing is deployed in it. Deploy with: ${commandLine("deploy", context)}`,
  };
}

function instancesOf(
  seen: Seen,
  group: AutoScalingGroupLive | undefined,
  targets: readonly TargetHealth[],
): InstanceStatus[] {
  const members = new Map((group?.instances ?? []).map((member) => [member.InstanceId, member]));
  const machines = (seen.get(instance)?.owned ?? []) as InstanceLive[];
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

/** Healthy means: everything is there, the load balancer active, and as many healthy targets as are wanted. */
function stateOf(
  seen: Seen,
  group: AutoScalingGroupLive | undefined,
  balancer: LoadBalancerLive | undefined,
  instances: InstanceStatus[],
): State {
  const wanted = stackResources.filter((resource) => resource !== image && resource !== baseImage);
  const there = wanted.filter((resource) => seen.get(resource)?.owned.length);
  if (there.length === 0) return "absent";
  if (there.length < wanted.length || !group || group.status) return "degraded";
  if (balancer?.status === "provisioning") return "deploying";
  if (balancer?.status !== "active") return "degraded";
  const healthy = instances.filter(({ health }) => health === "healthy");
  if (healthy.length >= (group.desiredCapacity ?? 0)) return "healthy";
  const starting = ({ health }: InstanceStatus) =>
    health === "initial" || health === "pending" || health.startsWith("Pending");
  return instances.length > 0 && instances.every(starting) ? "deploying" : "degraded";
}

interface Shown {
  key: string;
  state: State;
  url: string | null;
  release: string | null;
  image: string | null;
  resources: { resource: string; id: string; state: string }[];
  instances: InstanceStatus[];
  /** What a deploy of the same release would change. */
  drift?: string[];
}

function statusText(shown: Shown, context: Context, paint: Paint): string {
  const { key, state, url, release, image: ami, resources, instances, drift = [] } = shown;
  const colours = { healthy: paint.green, degraded: paint.red, deploying: paint.yellow, absent: paint.dim };
  if (state === "absent")
    return `${paint.bold(key)}  ${colours.absent("absent")}: nothing is deployed. Deploy with: ${commandLine("deploy", context)}`;
  const width = Math.max(...resources.map(({ resource }) => resource.length), 8);
  return [
    `${paint.bold(key)}  ${colours[state](state)}`,
    ...(drift.length ? [`  ${paint.yellow(`differs from the config: ${drift.join(", ")}`)}`] : []),
    ...(url ? [`  ${paint.dim("url".padEnd(width))}  ${url}`] : []),
    ...(release
      ? [`  ${paint.dim("release".padEnd(width))}  ${release}${ami && ami !== release ? paint.dim(`  ${ami}`) : ""}`]
      : []),
    "",
    ...instances.map((each) => instanceLine(each, paint)),
    ...(instances.length ? [""] : []),
    ...resources.map(
      ({ resource, id, state: how }) => `  ${label({ resource }).padEnd(width)}  ${how}  ${paint.dim(shortId(id))}`,
    ),
  ].join("\n");
}

function instanceLine({ id, availabilityZone, release, health, reason }: InstanceStatus, paint: Paint): string {
  const colour = health === "healthy" ? paint.green : health === "unhealthy" ? paint.red : paint.yellow;
  return `  ${id}  ${availabilityZone}  ${release}  ${colour(health)}${reason ? `  ${reason}` : ""}`;
}
