import { type AutoScalingGroup, DescribeAutoScalingGroupsCommand, type Instance } from "@aws-sdk/client-auto-scaling";
import type { Aws } from "../aws/aws.ts";
import { firstAlike } from "../aws/launch-template-versions.ts";
import { readTags } from "../aws/tags.ts";
import type { Live } from "../engine/resource.ts";
import type { Tags } from "../stack.ts";
import type { LaunchTemplateLive } from "./launch-template.ts";

export interface AutoScalingGroupDesired {
  launchTemplateId: string;
  launchTemplateVersion: string;
  /**
   * What the instances were launched as: the first launch template version that is the same but for tags; all of them
   * where they differ. Undefined where the service does not tell.
   */
  runningVersion: string | undefined;
  minSize: number;
  maxSize: number;
  /** Within min and max it is scaling's to choose. */
  desiredCapacity: number;
  subnetIds: readonly string[];
  targetGroupArns: readonly string[];
  healthCheckType: string;
  gracePeriodSeconds: number;
  /** What the group does not do now, like `HealthCheck`; nothing is as it should be. */
  suspendedProcesses: readonly string[];
  /** AWS's word: `none`, `prevent-force-deletion`, `prevent-all-deletion`. */
  deletionProtection: string;
  /** `100–200 %`: a replacement is in service before an unhealthy instance goes. Undefined where the service does not tell. */
  maintenance: string | undefined;
  tags: Tags;
}

export interface AutoScalingGroupLive extends AutoScalingGroupDesired, Live {
  name: string;
  /** Of its subnets; instances in others are being replaced. */
  availabilityZones: readonly string[];
  instances: readonly Instance[];
  /** How long a refresh waits after a new instance is in service; undefined where it takes the grace period. */
  warmUpSeconds?: number | undefined;
  /** Instances get scale-in protection as they come into service. */
  protectsNewInstances: boolean;
  /** When this run has made it, by `performance.now()`. */
  madeAt?: number;
  /** The roll that an update has started. */
  refreshId?: string;
  /** AWS's word while the group is going: `deleting`. */
  status: string | undefined;
}

/** AWS's word for a group that is going (Auto Scaling API reference, AutoScalingGroup.Status). */
export const deleting = "Delete in progress";

/** AWS's word for a group that may be deleted. */
export const unprotected = "none";

/** What the group's instances were launched as: see `runningVersion` of the group. */
export function runningVersion(
  { instances, launchTemplateId, launchTemplateVersion }: AutoScalingGroupLive,
  templates: readonly LaunchTemplateLive[],
): string {
  const template = templates.find(({ id }) => id === launchTemplateId);
  if (!template) return `${launchTemplateVersion} of ${launchTemplateId}`;
  const staying = instances.filter(({ LifecycleState = "" }) => !/^(Terminat|Detach)/.test(LifecycleState));
  const versions = staying.flatMap(({ LaunchTemplate }) => LaunchTemplate?.Version ?? []);
  const first = new Set([launchTemplateVersion, ...versions].map((version) => firstAlike(template.versions, version)));
  return [...first].sort().join(", ");
}

/** The group as it is now; undefined when there is none of that name. */
export async function readGroup(aws: Aws, name: string): Promise<AutoScalingGroupLive | undefined> {
  return (await readAutoScalingGroups(aws, [name]))[0];
}

/** The groups of these names that there are. */
export async function readAutoScalingGroups(
  { autoScaling }: Aws,
  names: readonly string[],
): Promise<AutoScalingGroupLive[]> {
  const { AutoScalingGroups = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...names] }),
  );
  return AutoScalingGroups.map(read);
}

function read(group: AutoScalingGroup): AutoScalingGroupLive {
  const policy = group.InstanceMaintenancePolicy;
  return {
    id: group.AutoScalingGroupName ?? "",
    name: group.AutoScalingGroupName ?? "",
    launchTemplateId: group.LaunchTemplate?.LaunchTemplateId ?? "",
    launchTemplateVersion: group.LaunchTemplate?.Version ?? "",
    runningVersion: undefined,
    minSize: group.MinSize ?? 0,
    maxSize: group.MaxSize ?? 0,
    desiredCapacity: group.DesiredCapacity ?? 0,
    subnetIds: (group.VPCZoneIdentifier ?? "").split(",").sort(),
    targetGroupArns: [...(group.TargetGroupARNs ?? [])].sort(),
    healthCheckType: group.HealthCheckType ?? "",
    gracePeriodSeconds: group.HealthCheckGracePeriod ?? 0,
    suspendedProcesses: (group.SuspendedProcesses ?? []).map(({ ProcessName = "" }) => ProcessName).sort(),
    // A service that does not tell has none.
    deletionProtection: group.DeletionProtection ?? unprotected,
    protectsNewInstances: group.NewInstancesProtectedFromScaleIn ?? false,
    maintenance: policy ? `${policy.MinHealthyPercentage}–${policy.MaxHealthyPercentage} %` : undefined,
    tags: readTags(group.Tags),
    availabilityZones: group.AvailabilityZones ?? [],
    instances: group.Instances ?? [],
    warmUpSeconds: group.DefaultInstanceWarmup,
    status: group.Status,
  };
}
