import { setTimeout as sleep } from "node:timers/promises";
import type { Balancer } from "../../machines.ts";
import { AwsError } from "../aws-error.ts";
import type { Instances } from "../ec2/instances.ts";
import { type Checker, keyOf } from "./checker.ts";
import type { Rotation } from "./rotation.ts";
import { health, newTarget, type Target } from "./target.ts";
import type { TargetGroup, TargetGroups } from "./target-groups.ts";
import type { Topology } from "./topology.ts";

/** Puts targets into target groups and takes them out, as the API and Auto Scaling do. */
export interface Registration {
  register(targetGroupArn: string, instanceId: string, port?: number): void;
  /** Resolves when the target is drained and gone. One that is not there is gone. */
  deregister(targetGroupArn: string, instanceId: string, port?: number): Promise<void>;
  /** Drains an instance out of every target group. */
  deregisterEverywhere(instanceId: string): Promise<void>;
}

export interface RegistrationParts {
  targetGroups: TargetGroups;
  topology: Topology;
  instances: Instances;
  checker: Checker;
  rotation: Rotation;
  balancer: Balancer;
}

/** How often a draining target is asked whether it is done. */
const drainingLookMilliseconds = 100;

export function createRegistration(parts: RegistrationParts): Registration {
  const { targetGroups, topology, instances, checker, rotation, balancer } = parts;

  function register(arn: string, id: string, port?: number): void {
    const group = targetGroups.get(arn);
    const instance = instances.get(id);
    if (!instance) throw new AwsError("InvalidTarget", `The following targets do not exist: '${id}'`);
    if (instance.state !== "running") {
      throw new AwsError(
        "InvalidTarget",
        `The following targets are not in a running state and cannot be registered: '${id}'`,
      );
    }
    const key = keyOf({ id, port: port ?? group.port });
    const present = group.targets.get(key);
    if (present && !present.draining) return;
    const target = newTarget(id, port ?? group.port, topology.loadBalancersOf(arn).length > 0);
    group.targets.set(key, target);
    checker.watch(group, target);
  }

  async function drain(group: TargetGroup, target: Target): Promise<void> {
    target.draining = true;
    target.health = health("draining", "Target.DeregistrationInProgress");
    await rotation.sync();
    const end = Date.now() + group.deregistrationDelaySeconds * 1000;
    while (Date.now() < end && (await isBusy(group, target))) await sleep(drainingLookMilliseconds);
    const current = targetGroups.find(group.arn);
    if (current?.targets.get(keyOf(target)) === target) current.targets.delete(keyOf(target));
    await rotation.sync();
  }

  async function isBusy(group: TargetGroup, target: Target): Promise<boolean> {
    if (instances.get(target.id)?.state !== "running") return false;
    return (await balancer.requestsUnderWay(group.name, target.id).catch(() => 0)) > 0;
  }

  async function deregister(arn: string, id: string, port?: number): Promise<void> {
    const group = targetGroups.find(arn);
    const leaving = [...(group?.targets.values() ?? [])].filter(
      (target) => target.id === id && (port === undefined || target.port === port) && !target.draining,
    );
    if (group) await Promise.all(leaving.map((target) => drain(group, target)));
  }

  return {
    register,
    deregister,
    async deregisterEverywhere(id) {
      await Promise.all(targetGroups.all().map(({ arn }) => deregister(arn, id)));
    },
  };
}
