import type { Aws } from "./aws.ts";
import type { TargetHealth } from "./target-health.ts";
import { consoleTail, type FailedActivity, failedActivities } from "./why.ts";

/** How often a load balancer checks an instance, and how long a new one has before that counts, in seconds. */
export interface Patience {
  intervalSeconds: number;
  gracePeriodSeconds: number;
}

/**
 * Tells which target had its time and is not healthy: not healthy for the grace period and two checks since it was first
 * seen, or replaced by its group, which waits for the grace period or, where there is none, for two failed checks. One
 * that fails after it has been healthy is the group's to replace.
 */
export function watchFailing({
  intervalSeconds,
  gracePeriodSeconds,
}: Patience): (targets: readonly TargetHealth[]) => TargetHealth | undefined {
  const twoChecks = 2 * intervalSeconds;
  const patienceSeconds = gracePeriodSeconds + twoChecks;
  // It was there before it was first seen, and what is gone is seen later.
  const replacedSeconds = 0.6 * (gracePeriodSeconds || twoChecks);
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
      if (seconds > patienceSeconds || (!there.has(id) && seconds > replacedSeconds)) return last;
      if (!there.has(id)) waiting.delete(id);
    }
    return undefined;
  };
}

/** How long a group may go on failing to launch an instance that it needs after it failed first, in seconds. */
const launchPatience = 120;

/** A new account's role for Auto Scaling is not known everywhere for a minute after its first group has been made. */
const passing = /^Authentication Failure/;

/** How long a group that was just made may take to launch before its activities are asked for, in seconds. */
const firstLaunch = 3;

/**
 * Tells why AWS cannot launch an instance, asking at each look: see `watchFailed`. What failed before the first look tells
 * nothing of launches now; a group that this run has made has none from before.
 */
export function watchLaunches(aws: Aws, group: string, isNew = false): () => Promise<string | undefined> {
  const begin = performance.now();
  const why = watchFailed(isNew);
  return async () => {
    if (isNew && performance.now() - begin < firstLaunch * 1000) return undefined;
    return why(await failedActivities(aws, group));
  };
}

/**
 * Tells why a group's launches will not go well, by the failed activities at each look: after two failed launches since the
 * first look, or when long after the first of them the newest of all that the group did is one.
 */
export function watchFailed(
  isNew: boolean,
  now = () => performance.now(),
): (failed: readonly FailedActivity[]) => string | undefined {
  let before: Set<string> | undefined = isNew ? new Set() : undefined;
  let begin: number | undefined;
  return (failed) => {
    before ??= new Set(failed.map(({ id }) => id));
    const since = failed.filter(({ id }) => !before?.has(id));
    if (since.length > 0) begin ??= now();
    const lasting = since.filter(({ text }) => !passing.test(text));
    const [newest] = since.filter(({ isNewest }) => isNewest);
    const tooLong = newest && now() - (begin ?? now()) > launchPatience * 1000;
    return lasting.length >= 2 || tooLong ? (lasting[0] ?? newest)?.text : undefined;
  };
}

/** How many lines of a console are told, of how many targets it is kept, and how long one stands before it is read anew. */
const told = { lines: 12, targets: 3, seconds: 5 };

/** Why targets are not healthy, with the end of their consoles. */
export interface Unhealthy {
  /** Keeps the end of the consoles of those that are unhealthy now, of a few at most: once a group has ended an instance it may be gone. */
  see(targets: readonly TargetHealth[]): Promise<void>;
  /** The load balancer's reason, the failed activities of its group, the end of the console: as last kept, else as it is now. */
  why(target: TargetHealth, group: string): Promise<string>;
}

/** See `Unhealthy`. */
export function watchUnhealthy(aws: Aws): Unhealthy {
  const kept = new Map<string, string[]>();
  const readAt = new Map<string, number>();
  const keep = async ({ instanceId }: TargetHealth) => {
    const now = performance.now();
    if (now - (readAt.get(instanceId) ?? Number.NEGATIVE_INFINITY) < told.seconds * 1000) return;
    readAt.set(instanceId, now);
    const tail = await consoleTail(aws, instanceId, told.lines);
    if (tail.length > 0) kept.set(instanceId, tail);
  };
  return {
    async see(targets) {
      const unhealthy = targets.filter(({ state }) => state === "unhealthy");
      await Promise.all(unhealthy.slice(0, told.targets).map(keep));
    },
    async why({ instanceId, reason }, group) {
      const [tail, failed] = await Promise.all([
        kept.get(instanceId) ?? consoleTail(aws, instanceId, told.lines),
        failedActivities(aws, group).catch(() => []),
      ]);
      return [
        `${instanceId}: ${reason ?? "it was ended before it got healthy"}`,
        ...failed.slice(0, 2).map(({ text }) => text),
        ...(tail.length > 0 ? ["Its console ends:", ...tail.map((line) => `  ${line}`)] : []),
      ].join("\n");
    },
  };
}
