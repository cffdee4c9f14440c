import {
  type Action,
  CreateListenerCommand,
  DeleteListenerCommand,
  type Listener,
  ModifyListenerCommand,
  type TargetGroupTuple,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Aws } from "../aws/aws.ts";
import { type ElbLook, lookAtElb } from "../aws/elb-look.ts";
import { watchFailing, watchLaunches, watchUnhealthy } from "../aws/failing.ts";
import { launchFailure } from "../aws/launch-failure.ts";
import { madeBefore, readMadeTags } from "../aws/made-before.ts";
import { onceKnown } from "../aws/not-yet-known.ts";
import { retagElb } from "../aws/retag.ts";
import { tagList } from "../aws/tags.ts";
import { elbTagsNow } from "../aws/tags-now.ts";
import { readTargetHealth, type TargetHealth } from "../aws/target-health.ts";
import { errorCode, orMissing, waitFor } from "../aws/wait.ts";
import type { Live, Making, Resource } from "../engine/resource.ts";
import { Failure } from "../failure.ts";
import { isOwned, ownTags, type Stack, type Tags } from "../stack.ts";
import { autoScalingGroup } from "./auto-scaling-group.ts";
import { type AutoScalingGroupLive, readAutoScalingGroups } from "./auto-scaling-group-live.ts";
import { elbOf } from "./elb.ts";
import { loadBalancer } from "./load-balancer.ts";
import { targetGroup } from "./target-group.ts";

interface Desired {
  loadBalancerArn: string;
  port: number;
  protocol: string;
  /** `forward <target group's ARN>`; anything else that somebody set is shown as AWS's type. */
  action: string;
  tags: Tags;
}

type ListenerLive = Desired & Live;

/** Sends what comes in on port 80 to the target group. */
export const listener: Resource<Desired, ListenerLive> = {
  resource: "listener",
  kind: "listener",
  dependsOn: [loadBalancer, targetGroup],
  outlives: [autoScalingGroup],
  awaits: [autoScalingGroup],
  immutable: ["loadBalancerArn"],

  async find(look) {
    const { stack } = look;
    const elb = await elbOf(look);
    const onOurs = ({ loadBalancerArn }: ListenerLive) => isOwned(stack, elb.tags.get(loadBalancerArn) ?? {});
    return listenersOf(elb).filter((one) => onOurs(one) && (isOwned(stack, one.tags) || one.port === 80));
  },

  desired: ({ config, stack }, need) => ({
    loadBalancerArn: need(loadBalancer).id,
    port: 80,
    protocol: "HTTP",
    action: `forward ${need(targetGroup).id}`,
    tags: { ...config.tags, ...ownTags(stack, "listener") },
  }),

  async create(making, desired) {
    const { aws, stack } = making;
    const { port: Port, loadBalancerArn: LoadBalancerArn } = desired;
    const about = { stack, kind: "listener", name: `on port ${Port}` };
    const command = new CreateListenerCommand({
      LoadBalancerArn,
      Port,
      Protocol: "HTTP",
      DefaultActions: defaultActions(desired.action),
      Tags: tagList(desired.tags),
    });
    try {
      const { Listeners = [] } = await onceKnown(() => aws.elb.send(command), making);
      const id = Listeners[0]?.ListenerArn ?? "";
      // A run before may have made it, with other tags.
      const retag = async () => {
        const tags = await readMadeTags(aws, id, about, making);
        await retagElb(aws, { id, tags }, desired.tags);
      };
      making.meanwhile(retag());
      return { ...desired, id };
    } catch (error) {
      if (!errorCode(error).startsWith("DuplicateListener")) throw error;
      const read = async () => (await readListeners(aws, LoadBalancerArn)).find(({ port }) => port === Port);
      return await madeBefore(read, about, making);
    }
  },

  async update(making, live, desired, changed) {
    const { aws } = making;
    const switches = live.action.startsWith("forward ") && changed.includes("action");
    if (switches) await warmUp(making, live, desired);
    await Promise.all([
      changed.some((field) => field !== "tags") && modify(aws, live.id, desired, defaultActions(desired.action)),
      changed.includes("tags") && retagElb(aws, live, desired.tags),
    ]);
    return { ...live, ...desired };
  },

  async delete({ aws }, live) {
    await orMissing(
      aws.elb.send(new DeleteListenerCommand({ ListenerArn: live.id })),
      "ListenerNotFound",
      "ListenerNotFoundException",
    );
  },

  tagsNow: elbTagsNow,
  state: () => "present",
};

function defaultActions(action: string): Action[] {
  return [{ Type: "forward", TargetGroupArn: action.slice("forward ".length) }];
}

async function modify({ elb }: Aws, ListenerArn: string, { port }: Desired, DefaultActions: Action[]): Promise<void> {
  await elb.send(new ModifyListenerCommand({ ListenerArn, Port: port, Protocol: "HTTP", DefaultActions }));
}

/** How long targets of a new target group may take to get healthy, in seconds. */
const warmUpLimit = 1800;

/**
 * Waits until the new target group has as many healthy targets as the old one, or as its Auto Scaling group is to have
 * where that is fewer. A load balancer checks only the targets
 * of groups that a listener names: the new one is named beside the old with no share of the requests. Where its targets
 * do not get healthy it is named no more, and this throws a `Failure` with exit code 4.
 */
async function warmUp(
  { aws, stack, inputs, signal, progress }: Making,
  live: ListenerLive,
  desired: Desired,
): Promise<void> {
  const [before, after] = [servingGroup(live.action), servingGroup(desired.action)];
  // It may have been left half-way, and is taken back.
  if (before === after) return;
  const healthyIn = (targets: readonly TargetHealth[]) => targets.filter(({ state }) => state === "healthy").length;
  const serving = healthyIn(await readTargetHealth(aws, before));
  if (serving === 0) return;
  const TargetGroups = [
    { TargetGroupArn: before, Weight: 1 },
    { TargetGroupArn: after, Weight: 0 },
  ];
  await modify(aws, live.id, { ...desired, port: live.port }, [{ Type: "forward", ForwardConfig: { TargetGroups } }]);
  const failing = watchFailing(inputs.config.loadBalancer.healthCheck);
  const unhealthy = watchUnhealthy(aws);
  let failedLaunch: ReturnType<typeof watchLaunches> | undefined;
  let healthy = 0;
  let needed = serving;
  const look = async (): Promise<"ready" | Failure | undefined> => {
    const [targets, group] = await Promise.all([readTargetHealth(aws, after), groupOf(aws, stack, after)]);
    healthy = healthyIn(targets);
    needed = Math.min(serving, group ? Math.max(group.desiredCapacity, group.minSize) : serving);
    progress(`${healthy} of ${needed} new targets healthy; the old ones serve`);
    if (healthy >= needed) return "ready";
    await unhealthy.see(targets);
    const failed = failing(targets);
    if (failed) return neverReady(await unhealthy.why(failed, group?.id ?? ""));
    if (targets.length >= needed) return undefined;
    if (group) failedLaunch ??= watchLaunches(aws, group.id);
    const unlaunched = await failedLaunch?.();
    return unlaunched === undefined ? undefined : neverLaunched(unlaunched);
  };
  const ended = await waitFor(look, {
    limitSeconds: warmUpLimit,
    signal,
    progress,
    pause: { first: 0.5, longest: 1.5 },
  });
  if (ended === "ready") return;
  await modify(aws, live.id, { ...desired, port: live.port }, [{ Type: "forward", TargetGroupArn: before }]);
  const late = `After ${warmUpLimit / 60} minutes ${healthy} of the ${needed} that are needed were healthy.`;
  throw ended ?? neverReady(late);
}

/** The target group that an action sends requests to: of several the one that has a share of them. */
function servingGroup(action: string): string {
  const shares = action.slice("forward ".length).split(", ");
  return shares.map((one) => one.split(" ")).find(([, weight]) => weight !== "0")?.[0] ?? "";
}

/** The stack's group that launches a target group's targets; undefined while there is none. */
async function groupOf(aws: Aws, stack: Stack, targetGroupArn: string): Promise<AutoScalingGroupLive | undefined> {
  const groups = await readAutoScalingGroups(aws, autoScalingGroup.names?.(stack) ?? []);
  return groups.find(({ targetGroupArns }) => targetGroupArns.includes(targetGroupArn));
}

function neverReady(reason: string): Failure {
  return new Failure({
    code: "release-failed",
    message: "The new targets did not get healthy. The old ones still serve.",
    reason,
    fix: "Mend the app or the health check, then deploy again: multivac deploy",
    exitCode: 4,
  });
}

function neverLaunched(reason: string): Failure {
  return new Failure({
    code: "release-failed",
    message: "AWS cannot launch the new release's instances. The old ones still serve.",
    reason,
    fix: launchFailure(reason).fix,
    exitCode: 4,
  });
}

async function readListeners(aws: Aws, loadBalancerArn: string): Promise<ListenerLive[]> {
  return listenersOf(await lookAtElb(aws, { balancers: [loadBalancerArn] }));
}

function listenersOf({ listeners, tags }: ElbLook): ListenerLive[] {
  return listeners.map((found) => ({ ...read(found), tags: tags.get(found.ListenerArn ?? "") ?? {} }));
}

function read(found: Listener): Omit<ListenerLive, "tags"> {
  const [action, ...more] = found.DefaultActions ?? [];
  const shares = action?.ForwardConfig?.TargetGroups ?? [];
  const forward =
    shares.length > 1 ? shares.map(share).join(", ") : (action?.TargetGroupArn ?? shares[0]?.TargetGroupArn);
  return {
    id: found.ListenerArn ?? "",
    name: `port ${found.Port}`,
    loadBalancerArn: found.LoadBalancerArn ?? "",
    port: found.Port ?? 0,
    protocol: found.Protocol ?? "",
    action: action?.Type === "forward" && more.length === 0 ? `forward ${forward}` : `${action?.Type}`,
  };
}

function share({ TargetGroupArn, Weight }: TargetGroupTuple): string {
  return `${TargetGroupArn} ${Weight}`;
}
