import {
  AttachLoadBalancerTargetGroupsCommand,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupType,
  type DeletionProtection,
  ResumeProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { startInstanceRefresh } from "../aws/instance-refresh.ts";
import { pruneVersions } from "../aws/launch-template-versions.ts";
import { madeBefore } from "../aws/made-before.ts";
import { onceKnown } from "../aws/not-yet-known.ts";
import { firstGroupTags, groupTags, retagGroup, retagInstances } from "../aws/retag.ts";
import { errorCode, whileRefused } from "../aws/wait.ts";
import type { Making, Resource } from "../engine/resource.ts";
import { ownTags, stackKey } from "../stack.ts";
import {
  deleteAutoScalingGroup,
  scaleInProtections,
  unprotectAutoScalingGroup,
} from "./auto-scaling-group-deletion.ts";
import {
  type AutoScalingGroupDesired,
  type AutoScalingGroupLive,
  deleting,
  readAutoScalingGroups,
  readGroup,
  runningVersion,
  unprotected,
} from "./auto-scaling-group-live.ts";
import { launchTemplate } from "./launch-template.ts";
import { targetGroup } from "./target-group.ts";

/**
 * Until it is known how long instances take, in seconds. A roll waits for the load balancer's health check by itself
 * ("insufficient data to evaluate its health with Elastic Load Balancing", repost.aws QU9RKhLxhnSRGeKNlRWkP_2A), and
 * with no warm-up at all for the grace period besides.
 */
const shortestWarmUp = 1;

const maintenance = { min: 100, max: 200 };

/** Keeps the instances: launches them, replaces those that are unhealthy, rolls them when the launch template changes. */
export const autoScalingGroup: Resource<AutoScalingGroupDesired, AutoScalingGroupLive> = {
  resource: "auto-scaling-group",
  kind: "auto-scaling-group",
  dependsOn: [launchTemplate, targetGroup],
  names: (stack) => [stackKey(stack), `${stackKey(stack)}-b`],
  // Instances must be healthy in every target group of theirs, which they cannot be on two ports.
  immutable: ["targetGroupArns"],
  choose(all, { targetGroupArns }) {
    // One that is being deleted serves no more; a new one of its name is made once it is gone.
    const found = all.filter(({ status }) => status !== deleting);
    // One that has lost its target group is given it again; one that has another is replaced.
    const current = found.find((group) => group.targetGroupArns.every((arn) => targetGroupArns.includes(arn)));
    return {
      current,
      surplus: found.filter((group) => group !== current),
      replaced: current ? undefined : found[0],
    };
  },
  whenReplaced: "new instances are made beside the old ones, which go once the new ones serve",
  verbs: { update: (changed) => (changed.some((field) => rolling.has(field)) ? "roll" : "update") },

  async find({ aws, stack, at }) {
    const names = autoScalingGroup.names?.(stack) ?? [];
    const [groups, templates] = await Promise.all([readAutoScalingGroups(aws, names), at(launchTemplate)]);
    return groups.map((group) => ({ ...group, runningVersion: runningVersion(group, templates) }));
  },

  desired: ({ config, stack }, need, live) => ({
    launchTemplateId: need(launchTemplate).id,
    launchTemplateVersion: need(launchTemplate).version,
    runningVersion: need(launchTemplate).launches,
    minSize: config.instances.min,
    maxSize: config.instances.max,
    desiredCapacity: capacity(config.instances, live?.desiredCapacity),
    subnetIds: [...config.network.subnetIds].sort(),
    targetGroupArns: [need(targetGroup).id],
    healthCheckType: "ELB",
    gracePeriodSeconds: config.loadBalancer.healthCheck.gracePeriodSeconds,
    suspendedProcesses: [],
    deletionProtection: config.deletionProtection ? "prevent-all-deletion" : unprotected,
    maintenance: `${maintenance.min}–${maintenance.max} %`,
    tags: { ...config.tags, ...ownTags(stack, "auto-scaling-group") },
  }),

  async create(making, desired, name) {
    const { aws, stack, signal, progress, need } = making;
    const first = firstGroupTags(desired.tags);
    const command = new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      ...groupInput(desired),
      ...(desired.deletionProtection === unprotected ? {} : protection(desired)),
      TargetGroupARNs: [...desired.targetGroupArns],
      DefaultInstanceWarmup: shortestWarmUp,
      Tags: groupTags(name, first),
    });
    let madeAt = performance.now();
    const send = () => {
      madeAt = performance.now();
      return aws.autoScaling.send(command);
    };
    try {
      await whileRefused(() => onceKnown(send, making), isGoing, {
        limitSeconds: 600,
        signal,
        progress,
        waiting: () => progress("waiting for the group of that name to be gone"),
      });
      return {
        ...desired,
        tags: first,
        id: name,
        name,
        madeAt,
        availabilityZones: [],
        instances: [],
        warmUpSeconds: shortestWarmUp,
        protectsNewInstances: false,
        status: undefined,
      };
    } catch (error) {
      if (!errorCode(error).startsWith("AlreadyExists")) throw error;
      const about = { stack, kind: "auto-scaling-group", name };
      const made = await madeBefore(() => readGroup(aws, name), about, making);
      return { ...made, runningVersion: runningVersion(made, [need(launchTemplate)]) };
    }
  },

  async update(making, live, desired, changed) {
    const { aws, stack, signal, progress, need } = making;
    const AutoScalingGroupName = live.id;
    const rolls = changed.some((field) => rolling.has(field));
    const retemplated = changed.includes("launchTemplateVersion");
    const settings = changed.filter((field) => !elsewhere.has(field) && !rolling.has(field));
    if (!rolls && retemplated) {
      // Before the group takes the version: a run that is stopped in between is repeated as long as the two differ.
      const ids = live.instances.map(({ InstanceId = "" }) => InstanceId);
      await retagInstances(aws, stack, ids, need(launchTemplate).instanceTags);
    }
    if (settings.length > 0 || (retemplated && !rolls)) {
      const { LaunchTemplate, DesiredCapacity, ...input } = groupInput(desired);
      // A refresh brings the new template: set here first, there would be nothing to roll back to.
      const all = {
        AutoScalingGroupName,
        ...input,
        // Scaling may have chosen another since it was read.
        ...(changed.includes("desiredCapacity") ? { DesiredCapacity } : {}),
        ...(changed.includes("deletionProtection") ? protection(desired) : {}),
        ...(rolls ? {} : { LaunchTemplate }),
      };
      await onceKnown(() => aws.autoScaling.send(new UpdateAutoScalingGroupCommand(all)), making);
    }
    if (changed.includes("targetGroupArns")) {
      const TargetGroupARNs = [...desired.targetGroupArns];
      const command = new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs });
      await onceKnown(() => aws.autoScaling.send(command), making);
    }
    if (changed.includes("suspendedProcesses"))
      await aws.autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName }));
    if (changed.includes("tags")) await retagGroup(aws, live, desired.tags);
    if (!rolls) return { ...live, ...desired };
    await nameVersion(making, live);
    const waiting = () => progress("waiting for the roll that is under way");
    const refreshId = await startInstanceRefresh(aws, live.id, desired, { signal, progress, waiting });
    return { ...live, ...desired, refreshId };
  },

  async trim({ aws, need }, live, { launchTemplateVersion }, going) {
    if (launchTemplateVersion === "1") return;
    const group = await readGroup(aws, live.id);
    const used = [group?.launchTemplateVersion, ...(group?.instances ?? []).map((one) => one.LaunchTemplate?.Version)];
    const goes = going.map(({ id }) => id);
    await pruneVersions(aws, need(launchTemplate), { current: launchTemplateVersion, used: new Set(used), goes });
  },

  delete: (doing, live) => deleteAutoScalingGroup(doing, live, () => readGroup(doing.aws, live.id)),
  tagsNow: async (aws, live) => (await readGroup(aws, live.id))?.tags,
  protections: ({ deletionProtection, instances }) => [
    ...(deletionProtection === unprotected ? [] : [`deletion protection (${deletionProtection})`]),
    ...scaleInProtections(instances),
  ],
  unprotect: ({ aws }, live) => unprotectAutoScalingGroup(aws, live),
  state: (live) => live.status ?? `${live.instances.length} of ${live.desiredCapacity} instances`,
};

/**
 * Gives a group that launches from `$Latest` or `$Default` the number its instances have: a refresh of it could not be
 * rolled back ("Undo changes with a rollback", Auto Scaling user guide).
 */
async function nameVersion(making: Making, live: AutoScalingGroupLive): Promise<void> {
  const version = live.instances.find(({ LaunchTemplate }) => LaunchTemplate)?.LaunchTemplate?.Version;
  if (!live.launchTemplateVersion.startsWith("$") || !version) return;
  const LaunchTemplate = { LaunchTemplateId: live.launchTemplateId, Version: version };
  const command = new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: live.id, LaunchTemplate });
  await onceKnown(() => making.aws.autoScaling.send(command), making);
}

/** Whether a group cannot be made yet because one of its name is being deleted. */
function isGoing(error: Error): boolean {
  const code = errorCode(error);
  return (
    code.startsWith("ScalingActivityInProgress") || (code.startsWith("AlreadyExists") && /delet/i.test(error.message))
  );
}

/** Fields that calls of their own change. */
const elsewhere: ReadonlySet<string> = new Set([
  "tags",
  "targetGroupArns",
  "suspendedProcesses",
  "launchTemplateVersion",
]);

/** Fields that only new instances bring. */
const rolling: ReadonlySet<string> = new Set(["launchTemplateId", "runningVersion"]);

/** The size that is there, brought between min and max; a new group begins with one instance at least. */
function capacity({ min, max }: { min: number; max: number }, live: number | undefined): number {
  return Math.min(max, Math.max(min, live ?? 1));
}

function groupInput(
  desired: AutoScalingGroupDesired,
): Omit<CreateAutoScalingGroupType, "AutoScalingGroupName"> & { MinSize: number; MaxSize: number } {
  return {
    LaunchTemplate: { LaunchTemplateId: desired.launchTemplateId, Version: desired.launchTemplateVersion },
    MinSize: desired.minSize,
    MaxSize: desired.maxSize,
    DesiredCapacity: desired.desiredCapacity,
    VPCZoneIdentifier: desired.subnetIds.join(","),
    HealthCheckType: desired.healthCheckType,
    HealthCheckGracePeriod: desired.gracePeriodSeconds,
    InstanceMaintenancePolicy: { MinHealthyPercentage: maintenance.min, MaxHealthyPercentage: maintenance.max },
  };
}

function protection({ deletionProtection }: AutoScalingGroupDesired) {
  return { DeletionProtection: deletionProtection as DeletionProtection };
}
