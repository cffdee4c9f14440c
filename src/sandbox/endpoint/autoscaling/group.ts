import type { Activity } from "./activity.ts";
import type { InstanceRefresh } from "./refresh.ts";

export interface LaunchTemplateReference {
  id: string;
  name: string;
  /** A number, `$Latest` or `$Default`. */
  version: string;
}

export interface GroupTag {
  key: string;
  value: string;
  propagateAtLaunch: boolean;
}

/** Healthy percentages that a group keeps while it replaces instances. */
export interface MaintenancePolicy {
  min: number;
  max: number;
}

type LifecycleState = "Pending" | "InService" | "Terminating" | "EnteringStandby" | "Standby";

/** One instance of a group. */
export interface Member {
  id: string;
  instanceType: string;
  imageId: string;
  availabilityZone: string;
  subnetId: string;
  /** The template version it was launched from, as a number. */
  launchTemplate: LaunchTemplateReference;
  lifecycle: LifecycleState;
  health: "Healthy" | "Unhealthy";
  /** Why it is unhealthy, in the words of the activity that will replace it. */
  unhealthyCause?: string;
  protectedFromScaleIn: boolean;
  launched: number;
  inServiceSince?: number;
}

/** An Auto Scaling group: its settings, its instances and what is under way. */
export interface Group {
  name: string;
  arn: string;
  created: Date;
  minSize: number;
  maxSize: number;
  desiredCapacity: number;
  launchTemplate: LaunchTemplateReference;
  subnetIds: string[];
  availabilityZones: string[];
  targetGroupArns: string[];
  healthCheckType: string;
  gracePeriodSeconds: number;
  cooldownSeconds: number;
  defaultInstanceWarmup: number | undefined;
  maxInstanceLifetime: number | undefined;
  capacityRebalance: boolean | undefined;
  maintenancePolicy: MaintenancePolicy | undefined;
  terminationPolicies: string[];
  protectNewInstances: boolean;
  deletionProtection: string | undefined;
  serviceLinkedRole: string;
  tags: Map<string, GroupTag>;
  suspended: Map<string, string>;
  members: Map<string, Member>;
  activities: Activity[];
  /** Newest first. */
  refreshes: InstanceRefresh[];
  deleting: boolean;
  /** The subnets of launches whose instance is not there yet. */
  launching: string[];
  /** No launch before this time: the last one failed. */
  retryAt: number;
  failedLaunches: number;
  /** Why the desired capacity is what it is, as the next activities tell it. */
  capacityCause: string;
  /** Target groups that are being detached. */
  removingTargetGroups: Set<string>;
}

/** Members that count for the group's capacity. */
export function activeMembers(group: Group): Member[] {
  return [...group.members.values()].filter(({ lifecycle }) => lifecycle === "Pending" || lifecycle === "InService");
}
