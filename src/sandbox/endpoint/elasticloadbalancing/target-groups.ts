import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  type TargetGroup as LiveTargetGroup,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { orMissing } from "../../../aws/wait.ts";
import { inTurns } from "../../in-turns.ts";
import { AwsError } from "../aws-error.ts";
import type { HealthCheck } from "./health-check.ts";
import type { Target } from "./target.ts";

export interface TargetGroup {
  arn: string;
  name: string;
  vpcId: string;
  protocol: string;
  port: number;
  targetType: string;
  check: HealthCheck;
  deregistrationDelaySeconds: number;
  /** By `id:port`. */
  targets: Map<string, Target>;
}

/** The target groups with their targets; settings are moto's, targets and their health are the endpoint's. */
export interface TargetGroups {
  get(arn: string): TargetGroup;
  find(arn: string): TargetGroup | undefined;
  all(): TargetGroup[];
  /** Takes over what moto says of the groups now. */
  refresh(): Promise<void>;
  clear(): void;
}

export function createTargetGroups(client: ElasticLoadBalancingV2Client): TargetGroups {
  const groups = new Map<string, TargetGroup>();

  async function look(): Promise<void> {
    const { TargetGroups: live = [] } = await client.send(new DescribeTargetGroupsCommand({}));
    const arns = new Set(live.map(({ TargetGroupArn }) => TargetGroupArn));
    for (const arn of groups.keys()) if (!arns.has(arn)) groups.delete(arn);
    for (const one of live) {
      const arn = one.TargetGroupArn ?? "";
      const deregistrationDelaySeconds = await delayOf(arn);
      if (deregistrationDelaySeconds === undefined) groups.delete(arn);
      else
        groups.set(arn, {
          ...settingsOf(one),
          deregistrationDelaySeconds,
          targets: groups.get(arn)?.targets ?? new Map(),
        });
    }
  }

  // One after another: a look that began before a change must not be taken over after one that saw it.
  const turns = inTurns();

  /** Undefined for a group that has gone since it was listed. */
  async function delayOf(TargetGroupArn: string): Promise<number | undefined> {
    const reading = client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
    const read = await orMissing(reading, "TargetGroupNotFoundException");
    if (!read) return undefined;
    const { Attributes = [] } = read;
    const delay = Attributes.find(({ Key }) => Key === "deregistration_delay.timeout_seconds");
    return Number(delay?.Value ?? 300);
  }

  return {
    refresh: () => turns(look),
    find: (arn) => groups.get(arn),
    get(arn) {
      const group = groups.get(arn);
      if (!group) throw new AwsError("TargetGroupNotFound", "One or more target groups not found");
      return group;
    },
    all: () => [...groups.values()],
    clear: () => groups.clear(),
  };
}

function settingsOf(live: LiveTargetGroup): Omit<TargetGroup, "targets" | "deregistrationDelaySeconds"> {
  return {
    arn: live.TargetGroupArn ?? "",
    name: live.TargetGroupName ?? "",
    vpcId: live.VpcId ?? "",
    protocol: live.Protocol ?? "HTTP",
    port: live.Port ?? 80,
    targetType: live.TargetType ?? "instance",
    check: {
      enabled: live.HealthCheckEnabled ?? true,
      path: live.HealthCheckPath ?? "/",
      port: live.HealthCheckPort ?? "traffic-port",
      intervalSeconds: live.HealthCheckIntervalSeconds ?? 30,
      timeoutSeconds: live.HealthCheckTimeoutSeconds ?? 5,
      healthyThreshold: live.HealthyThresholdCount ?? 5,
      unhealthyThreshold: live.UnhealthyThresholdCount ?? 2,
      matcher: live.Matcher?.HttpCode ?? "200",
    },
  };
}
