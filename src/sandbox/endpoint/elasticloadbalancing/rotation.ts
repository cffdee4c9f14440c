import type { Balancer, BalancerListener, BalancerTarget } from "../../machines.ts";
import type { Instances } from "../ec2/instances.ts";
import type { Target } from "./target.ts";
import type { TargetGroup, TargetGroups } from "./target-groups.ts";
import type { Topology } from "./topology.ts";

/** Brings the data path to what the health of the targets says. */
export interface Rotation {
  /** Resolves when the data path has what is true at the time of this call. */
  sync(): Promise<void>;
}

export function createRotation({
  balancer,
  topology,
  targetGroups,
  instances,
  onError,
}: {
  balancer: Balancer;
  topology: Topology;
  targetGroups: TargetGroups;
  instances: Instances;
  onError: (error: unknown) => void;
}): Rotation {
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;

  function listeners(): BalancerListener[] {
    return topology.listeners().flatMap((listener) => {
      const loadBalancer = topology.loadBalancers.get(listener.loadBalancerArn);
      if (!loadBalancer?.serves) return [];
      const group = listener.targetGroupArn ? targetGroups.find(listener.targetGroupArn) : undefined;
      if (!group) return [];
      const { address } = loadBalancer;
      return { address, port: listener.port, targetGroup: group.name, targets: inRotation(group).flatMap(balanced) };
    });
  }

  function balanced(target: Target): BalancerTarget[] {
    const instance = instances.get(target.id);
    if (!instance) return [];
    return [{ id: target.id, address: instance.address, port: target.port, draining: target.draining }];
  }

  return {
    sync() {
      waiting ??= running.then(() => {
        waiting = undefined;
        running = balancer.apply(listeners()).catch(onError);
        return running;
      });
      return waiting;
    },
  };
}

/** Healthy targets get requests; while none is, all unhealthy ones do. Draining ones finish theirs. */
function inRotation({ targets }: TargetGroup): Target[] {
  const all = [...targets.values()];
  const draining = all.filter((target) => target.draining);
  const staying = all.filter((target) => !target.draining);
  const healthy = staying.filter(({ health }) => health.state === "healthy");
  if (healthy.length > 0) return [...healthy, ...draining];
  return [...staying.filter(({ health }) => health.state === "unhealthy"), ...draining];
}
