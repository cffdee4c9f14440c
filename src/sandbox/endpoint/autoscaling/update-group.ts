import type { Handler } from "../handler.ts";
import { type Parameters, parametersOf } from "../parameters.ts";
import { stamp } from "./activity.ts";
import type { GroupCallParts } from "./create-group.ts";
import type { Group } from "./group.ts";
import { activeRefresh } from "./refresh.ts";
import { checkSizes, readLaunchTemplate, readMaintenancePolicy, readSubnets, refuse } from "./validation.ts";

/** `UpdateAutoScalingGroup` and `SetDesiredCapacity`. */
export function updateGroup(parts: GroupCallParts): Handler[] {
  const { groups, loop } = parts;
  return [
    {
      service: "autoscaling",
      action: "UpdateAutoScalingGroup",
      async instead(call) {
        const parameters = parametersOf(call);
        const group = groups.changeable(parameters.text("AutoScalingGroupName"));
        checkRefresh(group, parameters);
        const change = await readChange(parts, group, parameters);
        const { desiredCapacity: before } = group;
        Object.assign(group, change);
        if (group.desiredCapacity !== before) {
          group.capacityCause = `At ${stamp()} a user request update of AutoScalingGroup constraints to min: ${group.minSize}, max: ${group.maxSize}, desired: ${group.desiredCapacity} changing the desired capacity from ${before} to ${group.desiredCapacity}.`;
        }
        group.retryAt = 0;
        loop.kick(group);
        return undefined;
      },
    },
    {
      service: "autoscaling",
      action: "SetDesiredCapacity",
      instead(call) {
        const parameters = parametersOf(call);
        const group = groups.changeable(parameters.text("AutoScalingGroupName"));
        const desired = parameters.number("DesiredCapacity") ?? Number(parameters.text("DesiredCapacity"));
        if (desired > group.maxSize) {
          refuse(
            `New SetDesiredCapacity value ${desired} is above max value ${group.maxSize} for the AutoScalingGroup.`,
          );
        }
        if (desired < group.minSize) {
          refuse(
            `New SetDesiredCapacity value ${desired} is below min value ${group.minSize} for the AutoScalingGroup.`,
          );
        }
        setDesired(group, desired);
        loop.kick(group);
        return undefined;
      },
    },
  ];
}

/** A refresh that will give the group its template owns it until it is over. */
function checkRefresh(group: Group, parameters: Parameters): void {
  if (!activeRefresh(group)?.desired || !parameters.group("LaunchTemplate")) return;
  refuse(
    "An active instance refresh with a desired configuration exists. All configuration options derived from the desired configuration are not available for update while the instance refresh is active.",
  );
}

function setDesired(group: Group, desired: number): void {
  if (desired === group.desiredCapacity) return;
  group.capacityCause = `At ${stamp()} a user request explicitly set group desired capacity changing the desired capacity from ${group.desiredCapacity} to ${desired}.`;
  group.desiredCapacity = desired;
}

async function readChange(parts: GroupCallParts, group: Group, parameters: Parameters): Promise<Partial<Group>> {
  const minSize = parameters.number("MinSize") ?? group.minSize;
  const maxSize = parameters.number("MaxSize") ?? group.maxSize;
  const asked = parameters.number("DesiredCapacity");
  const desiredCapacity = asked ?? Math.min(Math.max(group.desiredCapacity, minSize), Math.max(minSize, maxSize));
  checkSizes(minSize, maxSize, desiredCapacity);
  const template = parameters.group("LaunchTemplate");
  const subnets = parameters.optional("VPCZoneIdentifier");
  const policy = parameters.group("InstanceMaintenancePolicy");
  const policies = parameters.list("TerminationPolicies");
  const warmup = parameters.number("DefaultInstanceWarmup");
  return {
    minSize,
    maxSize,
    desiredCapacity,
    launchTemplate: template ? await readLaunchTemplate(parts, template) : group.launchTemplate,
    ...(subnets ? await readSubnets(parts.ec2, subnets) : {}),
    healthCheckType: parameters.optional("HealthCheckType") ?? group.healthCheckType,
    gracePeriodSeconds: parameters.number("HealthCheckGracePeriod") ?? group.gracePeriodSeconds,
    cooldownSeconds: parameters.number("DefaultCooldown") ?? group.cooldownSeconds,
    defaultInstanceWarmup: warmup === undefined ? group.defaultInstanceWarmup : warmup === -1 ? undefined : warmup,
    maxInstanceLifetime: parameters.number("MaxInstanceLifetime") ?? group.maxInstanceLifetime,
    capacityRebalance: parameters.flag("CapacityRebalance") ?? group.capacityRebalance,
    maintenancePolicy: policy ? readMaintenancePolicy(policy) : group.maintenancePolicy,
    terminationPolicies: policies.length > 0 ? policies : group.terminationPolicies,
    protectNewInstances: parameters.flag("NewInstancesProtectedFromScaleIn") ?? group.protectNewInstances,
    deletionProtection: parameters.optional("DeletionProtection") ?? group.deletionProtection,
  };
}
