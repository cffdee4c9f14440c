import type { Aws } from "../aws/aws.ts";
import type { TargetHealth } from "../aws/target-health.ts";
import { consoleTail, failedActivities } from "../aws/why.ts";

/**
 * Tells which target had its time and is not healthy: not healthy for `patienceSeconds` since it was first seen, or
 * replaced by its group when most of them were over. One that fails after it has been healthy is the group's to replace.
 */
export function watchFailing(patienceSeconds: number): (targets: readonly TargetHealth[]) => TargetHealth | undefined {
  const waiting = new Map<string, { since: number; last: TargetHealth }>();
  return (targets) => {
    const now = performance.now();
    const there = new Set<string>();
    for (const target of targets.filter(({ state }) => state !== "draining")) {
      there.add(target.instanceId);
      if (target.state === "healthy") waiting.delete(target.instanceId);
      else waiting.set(target.instanceId, { since: waiting.get(target.instanceId)?.since ?? now, last: target });
    }
    for (const [id, { since, last }] of waiting) {
      const seconds = (now - since) / 1000;
      if (seconds > patienceSeconds || (!there.has(id) && seconds > 0.6 * patienceSeconds)) return last;
      if (!there.has(id)) waiting.delete(id);
    }
    return undefined;
  };
}

/** How long a group may go on failing to launch an instance that it needs, in seconds. */
const launchPatience = 120;

/** A new account's role for Auto Scaling is not known everywhere for a minute after its first group has been made. */
const passing = /^Authentication Failure/;

/** How long a group that was just made may take to launch before its activities are asked for, in seconds. */
const firstLaunch = 3;

/**
 * Tells why AWS cannot launch an instance: after two failed launches since the first look, or when launches that had
 * failed before go on failing for too long. A group that this run has made has none from before.
 */
export function watchLaunches(aws: Aws, group: string, isNew = false): () => Promise<string | undefined> {
  const begin = performance.now();
  let before: Set<string> | undefined = isNew ? new Set() : undefined;
  return async () => {
    if (isNew && performance.now() - begin < firstLaunch * 1000) return undefined;
    const failed = await failedActivities(aws, group);
    before ??= new Set(failed.map(({ id }) => id));
    const since = failed.filter(({ id, text }) => !before?.has(id) && !passing.test(text));
    const tooLong = performance.now() - begin > launchPatience * 1000 && failed.length > 0;
    return since.length >= 2 || tooLong ? (since[0] ?? failed[0])?.text : undefined;
  };
}

/** Why a target is not healthy: the load balancer's reason, the group's failed activities, the end of its console. */
export async function whyUnhealthy(
  aws: Aws,
  group: string,
  { instanceId, reason }: TargetHealth,
  seenBefore: readonly string[] = [],
): Promise<string> {
  const [now, failed] = await Promise.all([
    consoleTail(aws, instanceId, 12),
    failedActivities(aws, group).catch(() => []),
  ]);
  const tail = now.length > 0 ? now : seenBefore;
  return [
    `${instanceId}: ${reason ?? "it was ended before it got healthy"}`,
    ...failed.slice(0, 2).map(({ text }) => text),
    ...(tail.length > 0 ? ["Its console ends:", ...tail.map((line) => `  ${line}`)] : []),
  ].join("\n");
}
