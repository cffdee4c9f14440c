import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  type TargetGroup,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Aws } from "../aws/aws.ts";
import { holderBalancer } from "../aws/holders.ts";
import { madeBefore, readMadeTags } from "../aws/made-before.ts";
import { onceKnown } from "../aws/not-yet-known.ts";
import { retagElb } from "../aws/retag.ts";
import { readTags, tagList } from "../aws/tags.ts";
import { elbTagsNow } from "../aws/tags-now.ts";
import { errorCode, orMissing } from "../aws/wait.ts";
import { type Holder, whileHeld } from "../aws/while-held.ts";
import type { Live, Making, Resource } from "../engine/resource.ts";
import { ownTags, type Stack, stackKey, type Tags } from "../stack.ts";

interface Desired {
  vpcId: string;
  port: number;
  healthCheck: HealthCheck;
  /** Undefined on a live one when a crash came before it was set. */
  deregistrationDelaySeconds: number;
  tags: Tags;
}

interface HealthCheck {
  protocol: string;
  port: string;
  path: string;
  status: string;
  intervalSeconds: number;
  timeoutSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
}

export interface TargetGroupLive extends Desired, Live {
  name: string;
}

/** Knows the instances that the load balancer may send requests to, and checks their health. */
export const targetGroup: Resource<Desired, TargetGroupLive> = {
  resource: "target-group",
  kind: "target-group",
  dependsOn: [],
  names: (stack) => [`${stackKey(stack)}-tg`, `${stackKey(stack)}-tg-b`],
  immutable: ["vpcId", "port"],
  whenReplaced: "a new one is made beside it, and the old one goes once the new one serves",

  async find({ aws, stack }) {
    const names = targetGroup.names?.(stack) ?? [];
    return (await Promise.all(names.map((name) => readTargetGroups(aws, { Names: [name] })))).flat();
  },

  desired({ config, stack }) {
    const { gracePeriodSeconds: _, ...healthCheck } = config.loadBalancer.healthCheck;
    return {
      vpcId: config.network.vpcId,
      port: config.app?.port ?? 80,
      healthCheck: { protocol: "HTTP", port: "traffic-port", ...healthCheck },
      deregistrationDelaySeconds: config.loadBalancer.deregistrationDelaySeconds,
      tags: { ...config.tags, ...ownTags(stack, "target-group") },
    };
  },

  async create(making, desired, name) {
    const { aws, stack } = making;
    const about = { stack, kind: "target-group", name };
    const command = new CreateTargetGroupCommand({
      Name: name,
      VpcId: desired.vpcId,
      Port: desired.port,
      Protocol: "HTTP",
      TargetType: "instance",
      IpAddressType: "ipv4",
      ...healthCheckInput(desired.healthCheck),
      Tags: tagList(desired.tags),
    });
    try {
      const { TargetGroups = [] } = await aws.elb.send(command);
      const id = TargetGroups[0]?.TargetGroupArn ?? "";
      const tags = await readMadeTags(aws, id, about, making);
      await setDelay(making, id, desired.deregistrationDelaySeconds);
      return { ...desired, id, name, tags };
    } catch (error) {
      if (!errorCode(error).startsWith("DuplicateTargetGroupName")) throw error;
      return await madeBefore(async () => (await readTargetGroups(aws, { Names: [name] }))[0], about, making);
    }
  },

  async update(making, live, desired, changed) {
    const { aws } = making;
    await Promise.all([
      changed.includes("healthCheck") &&
        aws.elb.send(
          new ModifyTargetGroupCommand({ TargetGroupArn: live.id, ...healthCheckInput(desired.healthCheck) }),
        ),
      changed.includes("deregistrationDelaySeconds") && setDelay(making, live.id, desired.deregistrationDelaySeconds),
      changed.includes("tags") && retagElb(aws, live, desired.tags),
    ]);
    return { ...live, ...desired };
  },

  async delete({ aws, stack, signal, progress }, live) {
    await whileHeld(
      () =>
        orMissing(
          aws.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: live.id })),
          "TargetGroupNotFound",
          "TargetGroupNotFoundException",
        ),
      {
        what: `target group ${live.name}`,
        codes: ["ResourceInUse", "ResourceInUseException"],
        holders: () => balancersOf(aws, stack, live.id),
        limitSeconds: 300,
        signal,
        progress,
      },
    );
  },

  tagsNow: elbTagsNow,
  state: () => "present",
};

/** The load balancers whose listeners or rules name a target group. */
async function balancersOf(aws: Aws, stack: Stack, arn: string): Promise<Holder[]> {
  const { TargetGroups = [] } = await aws.elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }));
  const balancers = TargetGroups.flatMap(({ LoadBalancerArns = [] }) => LoadBalancerArns);
  return (await Promise.all(balancers.map((one) => holderBalancer(aws, stack, one)))).flatMap((one) => one ?? []);
}

function healthCheckInput(check: HealthCheck) {
  return {
    HealthCheckEnabled: true,
    HealthCheckProtocol: "HTTP" as const,
    HealthCheckPort: check.port,
    HealthCheckPath: check.path,
    Matcher: { HttpCode: check.status },
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
  };
}

async function setDelay(making: Making, arn: string, seconds: number): Promise<void> {
  const Attributes = [{ Key: "deregistration_delay.timeout_seconds", Value: `${seconds}` }];
  const command = new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes });
  await onceKnown(() => making.aws.elb.send(command), making);
}

/** The target group of a name or an ARN, in a list; an empty one where there is none. */
export async function readTargetGroups(
  { elb }: Aws,
  which: { Names: string[] } | { TargetGroupArns: string[] },
): Promise<TargetGroupLive[]> {
  const answer = await orMissing(
    elb.send(new DescribeTargetGroupsCommand(which)),
    "TargetGroupNotFound",
    "TargetGroupNotFoundException",
  );
  const group = answer?.TargetGroups?.[0];
  if (!group?.TargetGroupArn) return [];
  const [{ TagDescriptions = [] }, { Attributes = [] }] = await Promise.all([
    elb.send(new DescribeTagsCommand({ ResourceArns: [group.TargetGroupArn] })),
    elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: group.TargetGroupArn })),
  ]);
  const delay = Attributes.find(({ Key }) => Key === "deregistration_delay.timeout_seconds")?.Value;
  const tags = readTags(TagDescriptions[0]?.Tags);
  return [{ ...read(group), deregistrationDelaySeconds: Number(delay ?? 300), tags }];
}

function read(group: TargetGroup): Omit<TargetGroupLive, "tags" | "deregistrationDelaySeconds"> {
  return {
    id: group.TargetGroupArn ?? "",
    name: group.TargetGroupName ?? "",
    vpcId: group.VpcId ?? "",
    port: group.Port ?? 0,
    healthCheck: {
      protocol: group.HealthCheckProtocol ?? "",
      port: group.HealthCheckPort ?? "",
      path: group.HealthCheckPath ?? "",
      status: group.Matcher?.HttpCode ?? "",
      intervalSeconds: group.HealthCheckIntervalSeconds ?? 0,
      timeoutSeconds: group.HealthCheckTimeoutSeconds ?? 0,
      healthyThreshold: group.HealthyThresholdCount ?? 0,
      unhealthyThreshold: group.UnhealthyThresholdCount ?? 0,
    },
  };
}
