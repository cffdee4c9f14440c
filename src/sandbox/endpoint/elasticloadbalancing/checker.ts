import type { Instances } from "../ec2/instances.ts";
import type { HealthAnswer, Settings } from "../settings.ts";
import { count, isGood } from "./health-check.ts";
import type { Probe } from "./probe.ts";
import type { Rotation } from "./rotation.ts";
import { health, newTarget, outOfZones, type Target } from "./target.ts";
import type { TargetGroup, TargetGroups } from "./target-groups.ts";
import type { Topology } from "./topology.ts";

/** Checks the health of every registered target at its group's interval; a new one more often until it first answers. */
export interface Checker {
  /** Begins or goes on with the checks of a target; called when it is registered or its group changes. */
  watch(group: TargetGroup, target: Target): void;
  /** Checks a target now, beside its rhythm. */
  checkNow(instanceId: string): void;
  /** Adapts all targets to the groups' present settings and listeners. */
  refresh(): void;
  close(): void;
}

export interface CheckerParts {
  targetGroups: TargetGroups;
  topology: Topology;
  instances: Instances;
  rotation: Rotation;
  probe: Probe;
  settings: Settings;
  /** Called when a target's state has changed. */
  onChange: (instanceId: string) => void;
}

/** How often a new target is asked beside the interval: as if many nodes of a load balancer did so. */
const newTargetMilliseconds = 200;

export function createChecker(parts: CheckerParts): Checker {
  const { targetGroups, topology, instances, rotation, probe, settings, onChange } = parts;
  /** The rhythm of each target; a newer one ends the one before. */
  const rhythms = new Map<Target, { timer?: NodeJS.Timeout }>();
  let closed = false;

  const isRegistered = (group: TargetGroup, target: Target) =>
    !target.draining && targetGroups.find(group.arn)?.targets.get(keyOf(target)) === target;

  function set(target: Target, next: Target["health"]): void {
    const before = target.health.state;
    target.health = next;
    if (before !== next.state) changed(target);
  }

  function changed(target: Target): void {
    void rotation.sync();
    onChange(target.id);
  }

  /** What a new target answers counts only where it is good, or where its time has come. */
  async function check(group: TargetGroup, target: Target, isDue: boolean): Promise<void> {
    const instance = instances.get(target.id);
    if (topology.loadBalancersOf(group.arn).length === 0) return set(target, health("unused", "Target.NotInUse"));
    if (!instance || instance.state === "stopped") return set(target, health("unused", "Target.InvalidState"));
    if (!topology.zonesOf(group.arn).has(instance.availabilityZone)) return set(target, outOfZones());
    if (!topology.isServed(group.arn)) return set(target, health("initial", "Elb.RegistrationInProgress"));
    if (target.health.state === "unused") Object.assign(target, newTarget(target.id, target.port, true));

    const answer = await probed(group, target, instance.address);
    if (closed || !isRegistered(group, target)) return;
    if (!isDue && !isGood(answer, group.check)) return;
    const before = target.health.state;
    count(target, answer, group.check);
    if (before !== target.health.state) changed(target);
  }

  function probed({ check }: TargetGroup, target: Target, address: string): Promise<HealthAnswer> {
    const port = check.port === "traffic-port" ? target.port : Number(check.port);
    return probe({ id: target.id, address, port, path: check.path, timeoutSeconds: check.timeoutSeconds });
  }

  function watch(group: TargetGroup, target: Target): void {
    clearTimeout(rhythms.get(target)?.timer);
    const rhythm: { timer?: NodeJS.Timeout } = {};
    rhythms.set(target, rhythm);
    let due = 0;
    const beat = async (current: TargetGroup): Promise<void> => {
      const started = Date.now();
      const isDue = started >= due;
      await check(current, target, isDue);
      if (closed || rhythms.get(target) !== rhythm) return;
      const next = targetGroups.find(group.arn);
      if (!next || !isRegistered(next, target)) return void rhythms.delete(target);
      if (isDue) due = started + (settings.healthCheckSeconds ?? next.check.intervalSeconds) * 1000;
      const soon = target.health.state === "initial" ? Math.min(due, started + newTargetMilliseconds) : due;
      rhythm.timer = setTimeout(() => void beat(next), Math.max(0, soon - Date.now()));
    };
    void beat(group);
  }

  return {
    watch,
    checkNow(instanceId) {
      for (const group of targetGroups.all()) {
        for (const target of group.targets.values())
          if (target.id === instanceId && !target.draining) watch(group, target);
      }
    },
    refresh() {
      for (const group of targetGroups.all()) {
        for (const target of group.targets.values()) if (!target.draining) watch(group, target);
      }
    },
    close() {
      closed = true;
      for (const { timer } of rhythms.values()) clearTimeout(timer);
    },
  };
}

export function keyOf({ id, port }: { id: string; port: number }): string {
  return `${id}:${port}`;
}
