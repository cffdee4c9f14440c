import type { InstanceRefresh } from "@aws-sdk/client-auto-scaling";
import type { Aws } from "../aws/aws.ts";
import { type Patience, watchFailing, watchLaunches, watchUnhealthy } from "../aws/failing.ts";
import { isUnderWay, launchedBy, readInstanceRefresh, rollBackInstanceRefresh } from "../aws/instance-refresh.ts";
import { launchFailure } from "../aws/launch-failure.ts";
import { readTargetHealth, type TargetHealth } from "../aws/target-health.ts";
import { waitFor } from "../aws/wait.ts";
import { Failure, sameCommand } from "../failure.ts";
import type { Report } from "../progress.ts";
import { type AutoScalingGroupLive, readGroup } from "../resources/auto-scaling-group-live.ts";
import { type Balancer, isActive } from "./balancer.ts";
import { task } from "./task.ts";
import type { BootWatch } from "./warm-up.ts";

export interface Rolling {
  aws: Aws;
  report: Report;
  stop: AbortSignal;
  /** With the roll that this run has started, if it has. */
  group: Pick<AutoScalingGroupLive, "id" | "refreshId">;
  targetGroupArn: string;
  healthCheck: Patience;
  balancer: Balancer;
}

/** How long AWS may take to list a roll, to replace all instances, and to bring the old ones back, in seconds. */
const limits = { listed: 60, roll: 7200, back: 3600 };

/**
 * Follows the roll that this run has started, or else one that is under way, to its end. As soon as its new instances had their time and are
 * not healthy, it is rolled back, and this throws a `Failure` with exit code 4: AWS itself would try for an hour.
 */
export async function followRoll(rolling: Rolling, boots: BootWatch): Promise<void> {
  const { aws, group, stop } = rolling;
  const read = () => readInstanceRefresh(aws, group.id, group.refreshId);
  if (group.refreshId) await waitFor(read, { limitSeconds: limits.listed, signal: stop });
  else if (!isUnderWay(await read())) return;
  await task(rolling, "roll", (progress) => follow(rolling, boots, progress));
}

async function follow(rolling: Rolling, boots: BootWatch, progress: (text: string) => void): Promise<void> {
  const { aws, stop, targetGroupArn, balancer } = rolling;
  const { id: name, refreshId } = rolling.group;
  const failedLaunch = watchLaunches(aws, name);
  const failing = watchFailing(rolling.healthCheck);
  const unhealthy = watchUnhealthy(aws);

  const look = async (): Promise<InstanceRefresh | Bad | undefined> => {
    const [refresh, group, targets] = await Promise.all([
      readInstanceRefresh(aws, name, refreshId),
      readGroup(aws, name),
      readTargetHealth(aws, targetGroupArn),
    ]);
    if (!refresh || !isUnderWay(refresh) || !group) return refresh ?? { why: "there is no roll any more" };
    if (isActive(balancer)) boots.see(group, targets);
    const launched = new Set(launchedBy(refresh, group.instances).map(({ InstanceId }) => InstanceId));
    const fresh = targets.filter(({ instanceId }) => launched.has(instanceId));
    progress(`${refresh.PercentageComplete ?? 0} %, ${instancesText(group.instances.length, launched.size, fresh)}`);
    if (refresh.Status !== "InProgress" && refresh.Status !== "Pending") return undefined;

    await unhealthy.see(fresh);
    const failed = isActive(balancer) ? failing(fresh) : undefined;
    if (failed) return { why: await unhealthy.why(failed, name) };
    const unlaunched = fresh.length === 0 ? await failedLaunch() : undefined;
    return unlaunched === undefined ? undefined : { why: unlaunched, unlaunched: true };
  };
  const ended = await waitFor(look, {
    limitSeconds: limits.roll,
    signal: stop,
    progress,
    pause: { first: 0.5, longest: 1.5 },
  });
  if (!ended) throw stillRolling();
  if ("why" in ended) throw await rollBack(rolling, ended, progress);
  if (ended.Status !== "Successful")
    throw releaseFailed(ended, { why: ended.StatusReason ?? ended.RollbackDetails?.RollbackReason });
}

/** Why a roll cannot go well. */
interface Bad {
  why: string | undefined;
  /** AWS could not even launch an instance. */
  unlaunched?: boolean;
}

/** `1 old, 1 new (1 healthy)` */
function instancesText(all: number, launched: number, fresh: readonly TargetHealth[]): string {
  const healthy = fresh.filter(({ state }) => state === "healthy");
  const sick = fresh.find(({ state, reason }) => state === "unhealthy" && reason);
  return `${all - launched} old, ${launched} new (${healthy.length} healthy)${sick ? `; ${sick.instanceId}: ${sick.reason}` : ""}`;
}

async function rollBack(
  { aws, group: { id: group, refreshId }, stop }: Rolling,
  bad: Bad,
  progress: (text: string) => void,
): Promise<Failure> {
  progress(`the new instances ${bad.unlaunched ? "cannot be launched" : "do not get healthy"}; rolling back`);
  await rollBackInstanceRefresh(aws, group);
  const look = async () => {
    const refresh = await readInstanceRefresh(aws, group, refreshId);
    progress(`rolling back, ${refresh?.RollbackDetails?.PercentageCompleteOnRollback ?? 0} %`);
    return isUnderWay(refresh) ? undefined : refresh;
  };
  const ended = await waitFor(look, {
    limitSeconds: limits.back,
    signal: stop,
    progress,
    pause: { first: 0.5, longest: 1.5 },
  });
  if (!ended) return stillRolling();
  return ended.Status === "Successful" ? rollFinished(bad) : releaseFailed(ended, bad);
}

function releaseFailed({ Status }: InstanceRefresh, { why, unlaunched }: Bad): Failure {
  const safe = Status === "RollbackSuccessful";
  const failed = unlaunched ? "AWS cannot launch the new release's instances." : "The new release did not get healthy.";
  const mend = unlaunched ? launchFailure(why ?? "").fix : "Mend the app, then deploy again: multivac deploy";
  return new Failure({
    code: safe ? "release-failed" : "roll-failed",
    message: safe
      ? `${failed} The one before still serves.`
      : `${failed} The roll ended as ${Status}: instances of both releases may serve.`,
    reason: why,
    fix: safe ? mend : `See what serves: multivac status\n${mend}`,
    exitCode: safe ? 4 : 3,
  });
}

/** AWS had replaced the last instance before it was told to roll back. */
function rollFinished({ why }: Bad): Failure {
  return new Failure({
    code: "roll-finished",
    message:
      "The new release did not get healthy in its time, but the roll was done before it could be rolled back. The new release serves.",
    reason: why,
    fix: "See how it does: multivac status\nGo back with: multivac rollback",
    exitCode: 3,
  });
}

function stillRolling(): Failure {
  return new Failure({
    code: "still-under-way",
    message: "The roll is not done within its time limit.",
    reason: "AWS goes on with it.",
    fix: `Go on waiting with: ${sameCommand}`,
    exitCode: 3,
  });
}
