import type { Aws } from "../aws/aws.ts";
import { explainAll } from "../aws/explain.ts";
import { setWarmUp } from "../aws/instance-refresh.ts";
import type { TargetHealth } from "../aws/target-health.ts";
import { whileRefused } from "../aws/wait.ts";
import { Failure } from "../failure.ts";
import type { Report } from "../progress.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";

/** Watches how long new instances take from when they come into service, where AWS's warm-up begins, until they are healthy. */
export interface BootWatch {
  see(group: AutoScalingGroupLive, targets: readonly TargetHealth[]): void;
  /** Leaves out what is in service while no load balancer checks it: how long that takes to get healthy tells nothing. */
  pass(group: AutoScalingGroupLive): void;
  /** The longest time seen, in seconds; undefined when no instance was watched from its start. */
  seconds(): number | undefined;
}

/** `madeAt` is when this run has made the group, if it has: then no instance has booted for longer. */
export function watchBoots(madeAt?: number | undefined): BootWatch {
  /** What came into service unchecked. */
  const passed = new Set<string>();
  /** The last look at which an instance was not in service yet. */
  const before = new Map<string, number>();
  let known: Set<string> | undefined;
  let lastLook = madeAt;
  let longest: number | undefined;
  return {
    see(group, targets) {
      const healthy = new Set(targets.filter(({ state }) => state === "healthy").map(({ instanceId }) => instanceId));
      if (!known) {
        // Of another run's group, what is there at the first look has booted for a time that nobody here knows, unless it was just launched.
        const launched = group.instances.filter(
          ({ LifecycleState }) => madeAt !== undefined || LifecycleState === "Pending",
        );
        known = new Set(group.instances.flatMap((one) => (launched.includes(one) ? [] : (one.InstanceId ?? ""))));
      }
      const now = performance.now();
      for (const { InstanceId: id = "", LifecycleState } of group.instances) {
        if (known.has(id) || passed.has(id)) continue;
        if (LifecycleState !== "InService") before.set(id, now);
        else if (!before.has(id)) before.set(id, lastLook ?? now);
        if (!healthy.has(id)) continue;
        longest = Math.max(longest ?? 0, (now - (before.get(id) ?? now)) / 1000);
        known.add(id);
      }
      lastLook = now;
    },
    pass({ instances }) {
      const inService = instances.filter(({ LifecycleState }) => LifecycleState === "InService");
      for (const { InstanceId = "" } of inService) passed.add(InstanceId);
    },
    seconds: () => longest,
  };
}

/** Seconds that are not worth a call. */
const leastDifference = 5;

/**
 * Sets the group's warm-up to what instances took to get healthy and a second, at most the grace period. A roll waits for
 * health by itself besides (`shortestWarmUp` of the group), so that a longer warm-up would only be waited for. Leaves it
 * where it fits. AWS's refusal is a warning alone: what boots slower than the next roll waits is waited for all the same.
 */
export async function learnWarmUp(
  { aws, report, stop: signal }: { aws: Aws; report: Report; stop: AbortSignal },
  group: AutoScalingGroupLive,
  boots: BootWatch,
): Promise<void> {
  const measured = boots.seconds();
  if (measured === undefined) return;
  const wanted = Math.min(Math.ceil(measured) + 1, group.gracePeriodSeconds);
  const { warmUpSeconds: now } = group;
  if (now !== undefined && Math.abs(now - wanted) <= Math.max(leastDifference, now / 4)) return;
  try {
    await whileRefused(() => setWarmUp(aws, group.id, wanted), busy, { limitSeconds: 60, signal });
  } catch (error) {
    signal.throwIfAborted();
    const [why] = explainAll(error);
    if (!(why instanceof Failure)) throw error;
    const text = `The group's warm-up could not be set to ${wanted} s. ${why.message} ${why.reason}`;
    report({ type: "warning", text });
  }
}

/** AWS's codes for a group that something else changes at this moment. */
const busy = [
  "ScalingActivityInProgress",
  "ScalingActivityInProgressFault",
  "ResourceContention",
  "ResourceContentionFault",
];
