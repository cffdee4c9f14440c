import { DescribeSubnetsCommand, type EC2Client } from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import type { CheckLaunch } from "../ec2/launch-checks.ts";
import { readTemplateVersion } from "../ec2/launch-template-data.ts";
import type { TargetGroups } from "../elasticloadbalancing/target-groups.ts";
import type { Parameters } from "../parameters.ts";
import type { GroupTag, LaunchTemplateReference, MaintenancePolicy } from "./group.ts";

export interface ValidationParts {
  ec2: EC2Client;
  checkLaunch: CheckLaunch;
  targetGroups: TargetGroups;
  isDeletedVersion: (templateId: string, version: number) => boolean;
}

export function refuse(message: string): never {
  throw new AwsError("ValidationError", message);
}

export function checkSizes(minSize: number, maxSize: number, desired: number): void {
  if (minSize > maxSize) refuse(`Max bound, ${maxSize}, must be greater than or equal to min bound, ${minSize}`);
  if (desired < minSize || desired > maxSize) {
    refuse(`Desired capacity:${desired} must be between the specified min size:${minSize} and max size:${maxSize}`);
  }
}

/** Reads and checks the launch template of a call, with what it refers to. */
export async function readLaunchTemplate(
  { ec2, checkLaunch, isDeletedVersion }: ValidationParts,
  template: Parameters,
): Promise<LaunchTemplateReference> {
  const version = template.optional("Version") ?? "$Default";
  const reference = {
    id: template.optional("LaunchTemplateId"),
    name: template.optional("LaunchTemplateName"),
    version,
  };
  try {
    const found = await readTemplateVersion(ec2, reference, isDeletedVersion);
    const { ImageId, InstanceType, KeyName, IamInstanceProfile } = found.data;
    const profileName = IamInstanceProfile?.Name;
    await checkLaunch({ imageId: ImageId, instanceType: InstanceType, keyName: KeyName, profileName });
    return { id: found.id, name: found.name, version };
  } catch (error) {
    return refuse(`You must use a valid fully-formed launch template. ${(error as Error).message}`);
  }
}

/** The subnets of a `VPCZoneIdentifier` and their zones. */
export async function readSubnets(
  ec2: EC2Client,
  identifier: string,
): Promise<{ subnetIds: string[]; availabilityZones: string[] }> {
  const subnetIds = identifier.split(",").map((id) => id.trim());
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const availabilityZones = subnetIds.map((id) => {
    const subnet = Subnets.find(({ SubnetId }) => SubnetId === id);
    return subnet?.AvailabilityZone ?? refuse(`The subnet ID '${id}' does not exist`);
  });
  return { subnetIds, availabilityZones };
}

export function checkTargetGroups(targetGroups: TargetGroups, arns: readonly string[]): void {
  if (arns.some((arn) => !targetGroups.find(arn))) {
    refuse("Provided Target Groups may not be valid. Please ensure they exist and try again.");
  }
}

/**
 * The tags that a call gives: one adds 25 at most (Auto Scaling user guide, "Quotas for Auto Scaling resources and
 * groups"). That the creation of a group counts as such a call the guide does not say.
 */
export function tagsIn(parameters: Parameters): Parameters[] {
  const given = parameters.groups("Tags");
  if (given.length > 25) refuse("The number of tags in one call may not exceed 25.");
  return given;
}

export function readTag(tag: Parameters): GroupTag {
  const key = tag.text("Key");
  if (key.startsWith("aws:")) refuse(`Tag key '${key}' may not start with the reserved prefix 'aws:'`);
  return { key, value: tag.optional("Value") ?? "", propagateAtLaunch: tag.flag("PropagateAtLaunch") ?? false };
}

/** A policy of -1 and -1 takes the policy away. */
export function readMaintenancePolicy(policy: Parameters): MaintenancePolicy | undefined {
  const min = policy.number("MinHealthyPercentage");
  const max = policy.number("MaxHealthyPercentage");
  if (min === undefined || max === undefined) {
    return refuse("MinHealthyPercentage and MaxHealthyPercentage must both be specified.");
  }
  if (min === -1 && max === -1) return undefined;
  if (min < 0 || min > 100 || max < 100 || max > 200 || max - min > 100) {
    return refuse("MaxHealthyPercentage must be between 100 and 200 and at most 100 above MinHealthyPercentage.");
  }
  return { min, max };
}
