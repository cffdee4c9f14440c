import {
  AttachLoadBalancerTargetGroupsCommand,
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupType,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DetachLoadBalancerTargetGroupsCommand,
  type Instance,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { Aws } from "../aws/aws.ts";
import { startInstanceRefresh } from "../aws/instance-refresh.ts";
import { onceKnown } from "../aws/not-yet-known.ts";
import { readTags, tagChanges } from "../aws/tags.ts";
import { errorCode, waitFor, whileRefused } from "../aws/wait.ts";
import type { Live, Resource } from "../engine/resource.ts";
import { madeByOthers } from "../engine/taken.ts";
import { Failure } from "../failure.ts";
import { isOwned, ownTags, stackKey, type Tags } from "../stack.ts";
import { launchTemplate } from "./launch-template.ts";
import { targetGroup } from "./target-group.ts";

interface Desired {
  launchTemplateId: string;
  launchTemplateVersion: string;
  minSize: number;
  maxSize: number;
  /** Set only to bring it between min and max: within them it is scaling's to choose. */
  desiredCapacity: number | undefined;
  subnetIds: readonly string[];
  targetGroupArns: readonly string[];
  healthCheckType: string;
  gracePeriodSeconds: number;
  /** `100–200 %`: a replacement is in service before an unhealthy instance goes. Undefined where the service does not tell. */
  maintenance: string | undefined;
  tags: Tags;
}

export interface AutoScalingGroupLive extends Desired, Live {
  name: string;
  instances: readonly Instance[];
  /** How long a refresh waits after a new instance is in service; undefined where it takes the grace period. */
  warmUpSeconds?: number | undefined;
  /** AWS's word while the group is going: `Delete in progress`. */
  status: string | undefined;
}

const maintenance = { min: 100, max: 200 };

/** Keeps the instances: launches them, replaces those that are unhealthy, rolls them when the launch template changes. */
export const autoScalingGroup: Resource<Desired, AutoScalingGroupLive> = {
  resource: "auto-scaling-group",
  kind: "auto-scaling-group",
  dependsOn: [launchTemplate, targetGroup],
  names: (stack) => [stackKey(stack)],
  verbs: { update: "roll" },

  async find({ aws, stack }) {
    const group = await readGroup(aws, stackKey(stack));
    return group ? [group] : [];
  },

  desired: ({ config, stack }, need, live) => ({
    launchTemplateId: need(launchTemplate).id,
    launchTemplateVersion: need(launchTemplate).version,
    minSize: config.instances.min,
    maxSize: config.instances.max,
    desiredCapacity: capacity(config.instances, live?.desiredCapacity),
    subnetIds: [...config.network.subnetIds].sort(),
    targetGroupArns: [need(targetGroup).id],
    healthCheckType: "ELB",
    gracePeriodSeconds: config.loadBalancer.healthCheck.gracePeriodSeconds,
    maintenance: `${maintenance.min}–${maintenance.max} %`,
    tags: { ...config.tags, ...ownTags(stack, "auto-scaling-group") },
  }),

  async create({ aws, stack, signal, progress }, desired, name) {
    try {
      const send = () =>
        aws.autoScaling.send(
          new CreateAutoScalingGroupCommand({
            AutoScalingGroupName: name,
            ...groupInput(desired),
            TargetGroupARNs: [...desired.targetGroupArns],
            Tags: groupTags(name, desired.tags),
          }),
        );
      await whileRefused(() => onceKnown(send, signal), ["ScalingActivityInProgressFault"], {
        limitSeconds: 600,
        signal,
        waiting: () => progress("waiting for the group of that name to be gone"),
      });
    } catch (error) {
      if (!errorCode(error).startsWith("AlreadyExists")) throw error;
      const made = await readGroup(aws, name);
      if (!made || !isOwned(stack, made.tags)) throw madeByOthers("auto-scaling-group", name, made?.id);
    }
    return { ...desired, id: name, name, instances: [], status: undefined };
  },

  async update({ aws, signal, progress }, live, desired, changed) {
    const AutoScalingGroupName = live.id;
    const rolls = changed.some((field) => field.startsWith("launchTemplate"));
    const settings = changed.filter((field) => !elsewhere.has(field));
    if (settings.length > 0) {
      // A refresh brings the new template: set here first, there would be nothing to roll back to.
      const { LaunchTemplate: _, ...input } = groupInput(desired);
      await aws.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...input }));
    }
    if (changed.includes("targetGroupArns")) await moveTargets(aws, live, desired.targetGroupArns);
    if (changed.includes("tags")) await retag(aws, live, desired.tags);
    if (rolls) {
      const waiting = () => progress("waiting for the roll that is under way");
      await startInstanceRefresh(aws, live.id, desired, { signal, waiting });
    }
    return { ...live, ...desired, desiredCapacity: desired.desiredCapacity ?? live.desiredCapacity };
  },

  async delete({ aws, signal, progress }, live) {
    const AutoScalingGroupName = live.id;
    const gone = async () => {
      const group = await readGroup(aws, live.id);
      if (!group) return true;
      const left = group.instances.map(({ InstanceId }) => InstanceId).join(", ");
      progress(left ? `waiting for its instances to end: ${left}` : "waiting for it to be gone");
      return undefined;
    };
    await whileRefused(
      async () => {
        if (await readGroup(aws, live.id)) {
          await aws.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true }));
        }
      },
      ["ResourceInUseFault", "ResourceInUse", "ScalingActivityInProgressFault", "ScalingActivityInProgress"],
      { limitSeconds: 600, signal },
    ).catch((error) => {
      if (errorCode(error) !== "ValidationError" || !/not found/i.test(error.message)) throw error;
    });
    if (!(await waitFor(gone, { limitSeconds: 1200, signal }))) {
      throw new Failure({
        code: "still-deleting",
        message: `The Auto Scaling group ${live.id} is still being deleted after 20 minutes.`,
        fix: "AWS goes on with it. Run the same command again to finish.",
        exitCode: 3,
      });
    }
  },

  state: (live) => live.status ?? `${live.instances.length} of ${live.desiredCapacity} instances`,
};

/** Fields that calls of their own change. */
const elsewhere: ReadonlySet<string> = new Set([
  "tags",
  "targetGroupArns",
  "launchTemplateId",
  "launchTemplateVersion",
]);

/** What the size has to be set to, or undefined where it may stay as it is. */
function capacity({ min, max }: { min: number; max: number }, live: number | undefined): number | undefined {
  if (live === undefined) return Math.max(min, 1);
  return live < min ? min : live > max ? max : undefined;
}

function groupInput(
  desired: Desired,
): Omit<CreateAutoScalingGroupType, "AutoScalingGroupName"> & { MinSize: number; MaxSize: number } {
  return {
    LaunchTemplate: { LaunchTemplateId: desired.launchTemplateId, Version: desired.launchTemplateVersion },
    MinSize: desired.minSize,
    MaxSize: desired.maxSize,
    ...(desired.desiredCapacity === undefined ? {} : { DesiredCapacity: desired.desiredCapacity }),
    VPCZoneIdentifier: desired.subnetIds.join(","),
    HealthCheckType: desired.healthCheckType,
    HealthCheckGracePeriod: desired.gracePeriodSeconds,
    InstanceMaintenancePolicy: { MinHealthyPercentage: maintenance.min, MaxHealthyPercentage: maintenance.max },
  };
}

/** The group's own tags; instances get theirs from the launch template. */
function groupTags(group: string, tags: Tags) {
  return Object.entries(tags).map(([Key, Value]) => ({
    Key,
    Value,
    ResourceId: group,
    ResourceType: "auto-scaling-group",
    PropagateAtLaunch: false,
  }));
}

async function retag({ autoScaling }: Aws, live: AutoScalingGroupLive, desired: Tags): Promise<void> {
  const { set, remove } = tagChanges(live.tags, desired);
  const perCall = 25;
  const setting = groupTags(live.id, set);
  for (let from = 0; from < setting.length; from += perCall) {
    await autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: setting.slice(from, from + perCall) }));
  }
  const removing = remove.map((Key) => ({ Key, ResourceId: live.id, ResourceType: "auto-scaling-group" }));
  for (let from = 0; from < removing.length; from += perCall) {
    await autoScaling.send(new DeleteTagsCommand({ Tags: removing.slice(from, from + perCall) }));
  }
}

async function moveTargets(
  { autoScaling }: Aws,
  live: AutoScalingGroupLive,
  desired: readonly string[],
): Promise<void> {
  const AutoScalingGroupName = live.id;
  const attach = desired.filter((arn) => !live.targetGroupArns.includes(arn));
  const detach = live.targetGroupArns.filter((arn) => !desired.includes(arn));
  if (attach.length) {
    await autoScaling.send(
      new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs: attach }),
    );
  }
  if (detach.length) {
    await autoScaling.send(
      new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs: detach }),
    );
  }
}

/** The group as it is now; undefined when there is none of that name. */
export async function readGroup({ autoScaling }: Aws, name: string): Promise<AutoScalingGroupLive | undefined> {
  const { AutoScalingGroups = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return AutoScalingGroups[0] && read(AutoScalingGroups[0]);
}

function read(group: AutoScalingGroup): AutoScalingGroupLive {
  const policy = group.InstanceMaintenancePolicy;
  return {
    id: group.AutoScalingGroupName ?? "",
    name: group.AutoScalingGroupName ?? "",
    launchTemplateId: group.LaunchTemplate?.LaunchTemplateId ?? "",
    launchTemplateVersion: group.LaunchTemplate?.Version ?? "",
    minSize: group.MinSize ?? 0,
    maxSize: group.MaxSize ?? 0,
    desiredCapacity: group.DesiredCapacity ?? 0,
    subnetIds: (group.VPCZoneIdentifier ?? "").split(",").sort(),
    targetGroupArns: [...(group.TargetGroupARNs ?? [])].sort(),
    healthCheckType: group.HealthCheckType ?? "",
    gracePeriodSeconds: group.HealthCheckGracePeriod ?? 0,
    maintenance: policy ? `${policy.MinHealthyPercentage}–${policy.MaxHealthyPercentage} %` : undefined,
    tags: readTags(group.Tags),
    instances: group.Instances ?? [],
    warmUpSeconds: group.DefaultInstanceWarmup,
    status: group.Status,
  };
}
