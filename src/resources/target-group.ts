import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  type TargetGroup,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Aws } from "../aws/aws.ts";
import { type ElbLook, lookAtElb } from "../aws/elb-look.ts";
import { holderBalancer, type Whose } from "../aws/holders.ts";
import { madeBefore, readMadeTags } from "../aws/made-before.ts";
import { onceKnown } from "../aws/not-yet-known.ts";
import { retagElb } from "../aws/retag.ts";
import { tagList } from "../aws/tags.ts";
import { elbTagsNow } from "../aws/tags-now.ts";
import type { TargetHealth } from "../aws/target-health.ts";
import { errorCode, orMissing } from "../aws/wait.ts";
import { type Holder, whileHeld } from "../aws/while-held.ts";
import type { Live, Making, Resource } from "../engine/resource.ts";
import { ownTags, type Tags } from "../stack.ts";
import { elbNames, elbOf, markBeside, unmarkBeside, withoutMark } from "./elb.ts";

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
  /** Of each of its targets. */
  health: readonly TargetHealth[];
}

/** Knows the instances that the load balancer may send requests to, and checks their health. */
export const targetGroup: Resource<Desired, TargetGroupLive> = {
  resource: "target-group",
  kind: "target-group",
  dependsOn: [],
  names: (stack) => elbNames(stack).targetGroups,
  immutable: ["vpcId", "port"],
  whenReplaced: "a new one is made beside it, and the old one goes once the new one serves",

  find: async (look) => targetGroupsOf(await elbOf(look)),

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
    const mark = await markBeside(making, name, elbNames(stack).targetGroups);
    const command = new CreateTargetGroupCommand({
      Name: name,
      VpcId: desired.vpcId,
      Port: desired.port,
      Protocol: "HTTP",
      TargetType: "instance",
      IpAddressType: "ipv4",
      ...healthCheckInput(desired.healthCheck),
      Tags: tagList({ ...desired.tags, ...mark }),
    });
    try {
      const { TargetGroups = [] } = await aws.elb.send(command);
      const id = TargetGroups[0]?.TargetGroupArn ?? "";
      const tags = withoutMark(await readMadeTags(aws, id, about, making));
      making.meanwhile(setDelay(making, id, desired.deregistrationDelaySeconds));
      return { ...desired, id, name, tags, health: [] };
    } catch (error) {
      if (!errorCode(error).startsWith("DuplicateTargetGroupName")) throw error;
      return await madeBefore(async () => (await readTargetGroups(aws, name))[0], about, making);
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

  async delete(doing, live) {
    const { aws, stack, signal, progress, gently } = doing;
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
        holders: () => balancersOf(doing, live.id),
        limitSeconds: 300,
        signal,
        progress,
      },
    );
    const [first, second] = elbNames(stack).targetGroups;
    if (gently && live.name === second)
      for (const { id } of await readTargetGroups(aws, first)) await unmarkBeside(aws, id);
  },

  tagsNow: elbTagsNow,
  state: () => "present",
};

/** The load balancers whose listeners or rules name a target group. */
async function balancersOf(whose: Whose, arn: string): Promise<Holder[]> {
  const { aws } = whose;
  const { TargetGroups = [] } = await aws.elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }));
  const balancers = TargetGroups.flatMap(({ LoadBalancerArns = [] }) => LoadBalancerArns);
  return (await Promise.all(balancers.map((one) => holderBalancer(whose, one)))).flatMap((one) => one ?? []);
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
export async function readTargetGroups(aws: Aws, which: string): Promise<TargetGroupLive[]> {
  return targetGroupsOf(await lookAtElb(aws, { targetGroups: [which] }));
}

function targetGroupsOf({ targetGroups, tags }: ElbLook): TargetGroupLive[] {
  return targetGroups.map(({ group, attributes, health }) => {
    const delay = attributes.find(({ Key }) => Key === "deregistration_delay.timeout_seconds")?.Value;
    const own = withoutMark(tags.get(group.TargetGroupArn ?? "") ?? {});
    return { ...read(group), health, deregistrationDelaySeconds: Number(delay ?? 300), tags: own };
  });
}

function read(group: TargetGroup): Omit<TargetGroupLive, "tags" | "health" | "deregistrationDelaySeconds"> {
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
