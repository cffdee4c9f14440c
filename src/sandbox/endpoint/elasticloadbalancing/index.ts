import type { EC2Client } from "@aws-sdk/client-ec2";
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Balancer } from "../../machines.ts";
import type { Instances } from "../ec2/instances.ts";
import type { Handler } from "../handler.ts";
import type { Later } from "../later.ts";
import type { MotoRead } from "../moto-read.ts";
import type { Settings } from "../settings.ts";
import { createChecker } from "./checker.ts";
import { listeners } from "./listeners.ts";
import { createLoadBalancerInterfaces, type LoadBalancerInterfaces } from "./load-balancer-interfaces.ts";
import { loadBalancers } from "./load-balancers.ts";
import type { Probe } from "./probe.ts";
import { createRegistration, type Registration } from "./registration.ts";
import { createRotation } from "./rotation.ts";
import { tags } from "./tags.ts";
import { targetGroupCalls } from "./target-group-calls.ts";
import { createTargetGroups, type TargetGroups } from "./target-groups.ts";
import { targetHealth } from "./target-health.ts";
import { createTopology } from "./topology.ts";

interface LoadBalancingParts {
  ec2: EC2Client;
  client: ElasticLoadBalancingV2Client;
  motoRead: MotoRead;
  balancer: Balancer;
  instances: Instances;
  probe: Probe;
  settings: Settings;
  loopbackBlock: string;
  later: Later;
  onTargetChange: (instanceId: string) => void;
  onError: (error: unknown) => void;
}

export interface LoadBalancing {
  handlers: Handler[];
  targetGroups: TargetGroups;
  registration: Registration;
  interfaces: LoadBalancerInterfaces;
  checkNow(instanceId: string): void;
  clear(): Promise<void>;
  close(): void;
}

/** Elastic Load Balancing: what stands where, who is healthy, who gets requests. */
export function createLoadBalancing(parts: LoadBalancingParts): LoadBalancing {
  const { ec2, client, instances } = parts;
  const targetGroups = createTargetGroups(client);
  const topology = createTopology(client);
  const interfaces = createLoadBalancerInterfaces(ec2);
  const rotation = createRotation({ ...parts, topology, targetGroups });
  const checker = createChecker({ ...parts, targetGroups, topology, rotation, onChange: parts.onTargetChange });
  const registration = createRegistration({ ...parts, targetGroups, topology, checker, rotation });

  /** A stopped instance is no target any more at once; a terminated one is deregistered. */
  instances.onChange(({ id, state }) => {
    if (state === "shutting-down") void registration.deregisterEverywhere(id);
    else checker.checkNow(id);
  });

  async function changed(): Promise<void> {
    await topology.refresh();
    checker.refresh();
    await rotation.sync();
  }

  return {
    targetGroups,
    registration,
    interfaces,
    checkNow: checker.checkNow,
    handlers: [
      ...loadBalancers({ ...parts, topology, interfaces, changed }),
      ...listeners({ ...parts, topology, changed }),
      ...targetGroupCalls({ ...parts, targetGroups, topology }),
      tags({ targetGroups, topology }),
      ...targetHealth({ targetGroups, registration }),
    ],
    async clear() {
      topology.clear();
      targetGroups.clear();
      interfaces.clear();
      await rotation.sync();
    },
    close: checker.close,
  };
}
