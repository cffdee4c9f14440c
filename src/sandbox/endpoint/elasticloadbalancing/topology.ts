import {
  type Action,
  DescribeListenersCommand,
  DescribeRulesCommand,
  type ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { orMissing } from "../../../aws/wait.ts";
import { inTurns } from "../../in-turns.ts";

/** What the endpoint knows of a load balancer beyond moto. */
export interface LoadBalancer {
  arn: string;
  name: string;
  /** Its own loopback address. */
  address: string;
  /** It serves first and is shown as active then, so that who sees it active finds it serving. */
  serves: boolean;
  active: boolean;
  /** Set where it did not become active: why. */
  failure?: string | undefined;
  interfaceIds: string[];
  securityGroups: string[];
  subnets: string[];
  /** The subnets' Availability Zones: targets in others get no requests. */
  zones: string[];
  scheme: string;
  ipAddressType: string;
}

interface Listener {
  arn: string;
  loadBalancerArn: string;
  protocol: string;
  port: number;
  /** The target group that the listener's default action forwards to. */
  targetGroupArn: string | undefined;
  /** Every target group that the listener or one of its rules forwards to. */
  usedTargetGroupArns: string[];
}

/** Which load balancer listens where and for which target group. */
export interface Topology {
  loadBalancers: Map<string, LoadBalancer>;
  listeners(): Listener[];
  /** Takes over moto's listeners and rules. */
  refresh(): Promise<void>;
  /** The load balancers that send requests to a target group. */
  loadBalancersOf(targetGroupArn: string): string[];
  /** Whether one of these is provisioned: until then no target is checked. */
  isServed(targetGroupArn: string): boolean;
  /** The Availability Zones that these stand in. */
  zonesOf(targetGroupArn: string): Set<string>;
  clear(): void;
}

export function createTopology(client: ElasticLoadBalancingV2Client): Topology {
  const loadBalancers = new Map<string, LoadBalancer>();
  let listeners: Listener[] = [];
  const turns = inTurns();

  /** Undefined for what has gone since it was listed. */
  const unlessGone = <T>(answer: Promise<T>) =>
    orMissing(answer, "LoadBalancerNotFoundException", "ListenerNotFoundException");

  async function listenersOf(LoadBalancerArn: string): Promise<Listener[]> {
    const listed = await unlessGone(client.send(new DescribeListenersCommand({ LoadBalancerArn })));
    const found = (listed?.Listeners ?? []).map(async ({ ListenerArn = "", Protocol = "", Port = 0, ...more }) => {
      const { DefaultActions = [] } = more;
      const rules = await unlessGone(client.send(new DescribeRulesCommand({ ListenerArn })));
      if (!rules) return [];
      const actions = [...DefaultActions, ...(rules.Rules ?? []).flatMap((rule) => rule.Actions ?? [])];
      const listener = {
        arn: ListenerArn,
        loadBalancerArn: LoadBalancerArn,
        protocol: Protocol,
        port: Port,
        targetGroupArn: DefaultActions.flatMap(targetGroupsOf)[0],
        usedTargetGroupArns: [...new Set(actions.flatMap(targetGroupsOf))],
      };
      return [listener];
    });
    return (await Promise.all(found)).flat();
  }

  const loadBalancersOf = (arn: string) => [
    ...new Set(
      listeners
        .filter(({ usedTargetGroupArns }) => usedTargetGroupArns.includes(arn))
        .map(({ loadBalancerArn }) => loadBalancerArn),
    ),
  ];

  return {
    loadBalancers,
    listeners: () => listeners,
    // One after another: a look that began before a change must not be taken over after one that saw it.
    refresh: () =>
      turns(async () => {
        listeners = (await Promise.all([...loadBalancers.keys()].map(listenersOf))).flat();
      }),
    loadBalancersOf,
    isServed: (arn) => loadBalancersOf(arn).some((id) => loadBalancers.get(id)?.serves),
    zonesOf: (arn) => new Set(loadBalancersOf(arn).flatMap((id) => loadBalancers.get(id)?.zones ?? [])),
    clear() {
      loadBalancers.clear();
      listeners = [];
    },
  };
}

function targetGroupsOf({ TargetGroupArn, ForwardConfig }: Action): string[] {
  const forwarded = ForwardConfig?.TargetGroups?.flatMap((group) => group.TargetGroupArn ?? []) ?? [];
  return TargetGroupArn ? [TargetGroupArn, ...forwarded] : forwarded;
}
