import type { Handler } from "../handler.ts";
import { type Parameters, parametersOf } from "../parameters.ts";
import type { Element } from "../xml.ts";
import type { Group, LaunchTemplateReference, Member } from "./group.ts";
import type { Groups } from "./groups.ts";
import { page } from "./pages.ts";
import { shownTag } from "./tags.ts";
import { refuse } from "./validation.ts";

const service = "autoscaling";

/** `DescribeAutoScalingGroups` and `DescribeAutoScalingInstances`. */
export function describeGroups(groups: Groups): Handler[] {
  return [
    {
      service,
      action: "DescribeAutoScalingGroups",
      instead(call) {
        const parameters = parametersOf(call);
        const names = parameters.list("AutoScalingGroupNames");
        const filters = parameters.groups("Filters").map(groupFilter);
        const found = groups
          .all()
          .filter(({ name }) => names.length === 0 || names.includes(name))
          .filter((group) => filters.every((matches) => matches(group)))
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const { items, NextToken } = page(found, parameters);
        return { AutoScalingGroups: items.map(shownGroup), NextToken };
      },
    },
    {
      service,
      action: "DescribeAutoScalingInstances",
      instead(call) {
        const parameters = parametersOf(call);
        const ids = parameters.list("InstanceIds");
        const members = groups
          .all()
          .flatMap((group) => [...group.members.values()].map((member) => ({ group, member })));
        const found = members.filter(({ member }) => ids.length === 0 || ids.includes(member.id));
        const { items, NextToken } = page(found, parameters);
        return {
          AutoScalingInstances: items.map(({ group, member }) => ({
            ...shownMember(member),
            HealthStatus: member.health.toUpperCase(),
            AutoScalingGroupName: group.name,
          })),
          NextToken,
        };
      },
    },
  ];
}

function groupFilter(filter: Parameters): (group: Group) => boolean {
  const name = filter.text("Name");
  const values = filter.list("Values");
  if (name.startsWith("tag:")) {
    const key = name.slice("tag:".length);
    return ({ tags }) => values.includes(tags.get(key)?.value ?? "") && tags.has(key);
  }
  if (name === "tag-key") return ({ tags }) => values.some((key) => tags.has(key));
  if (name === "tag-value") return ({ tags }) => [...tags.values()].some(({ value }) => values.includes(value));
  return refuse(`Filter type ${name} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>`);
}

function shownGroup(group: Group): Element {
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    LaunchTemplate: shownTemplate(group.launchTemplate),
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desiredCapacity,
    DefaultCooldown: group.cooldownSeconds,
    AvailabilityZones: [...new Set(group.availabilityZones)],
    LoadBalancerNames: [],
    TargetGroupARNs: group.targetGroupArns,
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.gracePeriodSeconds,
    Instances: [...group.members.values()].map(shownMember),
    CreatedTime: group.created,
    SuspendedProcesses: [...group.suspended].map(([ProcessName, SuspensionReason]) => ({
      ProcessName,
      SuspensionReason,
    })),
    VPCZoneIdentifier: group.subnetIds.join(","),
    EnabledMetrics: [],
    Status: group.deleting ? "Delete in progress" : undefined,
    Tags: [...group.tags.values()].map((tag) => shownTag(group.name, tag)),
    TerminationPolicies: group.terminationPolicies,
    NewInstancesProtectedFromScaleIn: group.protectNewInstances,
    ServiceLinkedRoleARN: group.serviceLinkedRole,
    MaxInstanceLifetime: group.maxInstanceLifetime,
    CapacityRebalance: group.capacityRebalance,
    DefaultInstanceWarmup: group.defaultInstanceWarmup,
    TrafficSources: group.targetGroupArns.map((Identifier) => ({ Identifier, Type: "elbv2" })),
    InstanceMaintenancePolicy: group.maintenancePolicy && {
      MinHealthyPercentage: group.maintenancePolicy.min,
      MaxHealthyPercentage: group.maintenancePolicy.max,
    },
    DeletionProtection: group.deletionProtection,
  };
}

function shownMember(member: Member): Element {
  return {
    InstanceId: member.id,
    InstanceType: member.instanceType,
    AvailabilityZone: member.availabilityZone,
    ImageId: member.imageId,
    LifecycleState: member.lifecycle,
    HealthStatus: member.health,
    LaunchTemplate: shownTemplate(member.launchTemplate),
    ProtectedFromScaleIn: member.protectedFromScaleIn,
  };
}

function shownTemplate({ id, name, version }: LaunchTemplateReference): Element {
  return { LaunchTemplateId: id, LaunchTemplateName: name, Version: version };
}
