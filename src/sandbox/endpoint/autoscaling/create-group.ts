import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import { type Parameters, parametersOf } from "../parameters.ts";
import { stamp } from "./activity.ts";
import type { Group } from "./group.ts";
import type { Groups } from "./groups.ts";
import type { Loop } from "./loop.ts";
import {
  checkSizes,
  checkTargetGroups,
  readLaunchTemplate,
  readMaintenancePolicy,
  readSubnets,
  readTag,
  refuse,
  tagsIn,
  type ValidationParts,
} from "./validation.ts";

export interface GroupCallParts extends ValidationParts {
  groups: Groups;
  loop: Loop;
  region: string;
  account: string;
}

/** `CreateAutoScalingGroup`. */
export function createGroup(parts: GroupCallParts): Handler {
  const { groups, loop } = parts;
  return {
    service: "autoscaling",
    action: "CreateAutoScalingGroup",
    async instead(call) {
      const parameters = parametersOf(call);
      const name = parameters.text("AutoScalingGroupName");
      checkName(groups, name);
      const group = await readGroup(parts, name, parameters);
      checkName(groups, name);
      groups.add(group);
      loop.kick(group);
      return undefined;
    },
  };
}

function checkName(groups: Groups, name: string): void {
  if (!/^[\x21-\x39\x3b-\x7e]{1,255}$/.test(name)) {
    refuse(`Group name '${name}' must be 1 to 255 printable ASCII characters without a colon.`);
  }
  const existing = groups.find(name);
  if (!existing) return;
  const pending = existing.deleting
    ? " and is pending delete.  Please wait until Autoscaling completes the deletion process before creating another group with the same name."
    : "";
  throw new AwsError(
    "AlreadyExists",
    `AutoScalingGroup by this name already exists - A group with the name ${name} already exists${pending}`,
  );
}

async function readGroup(parts: GroupCallParts, name: string, parameters: Parameters): Promise<Group> {
  const { ec2, targetGroups, region, account } = parts;
  const minSize = parameters.number("MinSize") ?? Number(parameters.text("MinSize"));
  const maxSize = parameters.number("MaxSize") ?? Number(parameters.text("MaxSize"));
  const desiredCapacity = parameters.number("DesiredCapacity") ?? minSize;
  checkSizes(minSize, maxSize, desiredCapacity);
  const template = parameters.group("LaunchTemplate");
  if (!template) {
    return refuse(
      "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
    );
  }
  const subnets = parameters.optional("VPCZoneIdentifier");
  if (!subnets) return refuse("At least one Availability Zone or VPC Subnet is required.");
  const sources = parameters.groups("TrafficSources").map((source) => source.text("Identifier"));
  const targetGroupArns = [...parameters.list("TargetGroupARNs"), ...sources];
  checkTargetGroups(targetGroups, targetGroupArns);
  const policy = parameters.group("InstanceMaintenancePolicy");
  const tags = tagsIn(parameters).map(readTag);
  const policies = parameters.list("TerminationPolicies");
  return {
    name,
    arn: `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:${randomUUID()}:autoScalingGroupName/${name}`,
    created: new Date(),
    minSize,
    maxSize,
    desiredCapacity,
    launchTemplate: await readLaunchTemplate(parts, template),
    ...(await readSubnets(ec2, subnets)),
    targetGroupArns,
    healthCheckType: parameters.optional("HealthCheckType") ?? "EC2",
    gracePeriodSeconds: parameters.number("HealthCheckGracePeriod") ?? 0,
    cooldownSeconds: parameters.number("DefaultCooldown") ?? 300,
    defaultInstanceWarmup: warmup(parameters),
    maxInstanceLifetime: parameters.number("MaxInstanceLifetime"),
    capacityRebalance: parameters.flag("CapacityRebalance"),
    maintenancePolicy: policy ? readMaintenancePolicy(policy) : undefined,
    terminationPolicies: policies.length > 0 ? policies : ["Default"],
    protectNewInstances: parameters.flag("NewInstancesProtectedFromScaleIn") ?? false,
    deletionProtection: parameters.optional("DeletionProtection"),
    serviceLinkedRole:
      parameters.optional("ServiceLinkedRoleARN") ??
      `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    tags: new Map(tags.map((tag) => [tag.key, tag])),
    suspended: new Map(),
    members: new Map(),
    activities: [],
    refreshes: [],
    deleting: false,
    launching: [],
    retryAt: 0,
    failedLaunches: 0,
    capacityCause: `At ${stamp()} a user request created an AutoScalingGroup changing the desired capacity from 0 to ${desiredCapacity}.`,
    removingTargetGroups: new Set(),
  };
}

function warmup(parameters: Parameters): number | undefined {
  const seconds = parameters.number("DefaultInstanceWarmup");
  return seconds === -1 ? undefined : seconds;
}
