import type { EC2Client } from "@aws-sdk/client-ec2";
import type { Instance } from "../ec2/instances.ts";
import type { CheckLaunch } from "../ec2/launch-checks.ts";
import { readTemplateVersion } from "../ec2/launch-template-data.ts";
import type { Power } from "../ec2/power.ts";
import { launchInstance } from "../ec2/run-instances.ts";
import type { Registration } from "../elasticloadbalancing/registration.ts";
import type { Faults } from "../faults/index.ts";
import { beginActivity, endActivity } from "./activity.ts";
import { activeMembers, type Group, type LaunchTemplateReference, type Member } from "./group.ts";
import { launchInput } from "./launch-input.ts";

export interface LaunchParts {
  ec2: EC2Client;
  power: Power;
  checkLaunch: CheckLaunch;
  registration: Registration;
  isDeletedVersion: (templateId: string, version: number) => boolean;
  faults: Pick<Faults, "ofLaunch">;
}

/** How long a group waits after a failed launch, and at most. */
const firstRetryMilliseconds = 1000;
const lastRetryMilliseconds = 60_000;

/** Launches one instance of a group and puts it in service. A failure is the activity's, never the caller's. */
export async function launchMember(
  parts: LaunchParts,
  group: Group,
  cause: string,
  template: LaunchTemplateReference = group.launchTemplate,
): Promise<void> {
  const { ec2, registration, isDeletedVersion, faults } = parts;
  const place = emptiestSubnet(group);
  const activity = beginActivity(group, {
    description: "Launching a new EC2 instance",
    cause,
    details: { "Subnet ID": place.subnetId, "Availability Zone": place.availabilityZone },
  });
  group.launching.push(place.subnetId);
  let counted = true;
  const uncount = () => {
    if (counted) group.launching.splice(group.launching.indexOf(place.subnetId), 1);
    counted = false;
  };
  try {
    const version = await readTemplateVersion(ec2, template, isDeletedVersion);
    const input = launchInput(group, version, place.subnetId);
    const fate = faults.ofLaunch({ instanceType: input.InstanceType ?? "", subnetId: place.subnetId });
    const created = (instance: Instance) => {
      activity.description = `Launching a new EC2 instance: ${instance.id}`;
      activity.status = "PreInService";
      activity.progress = 30;
      const used = { id: version.id, name: version.name, version: String(version.version) };
      group.members.set(instance.id, newMember(group, instance, used));
      uncount();
    };
    const launched = await launchInstance(parts, input, { created, fate });
    if (launched.stateReason) throw new EndedAtLaunch(launched.stateReason.message);
    group.failedLaunches = 0;
    group.retryAt = 0;
    const member = group.members.get(launched.id);
    if (member?.lifecycle === "Pending") enterService(registration, group, member);
    endActivity(activity, "Successful");
  } catch (error) {
    for (const [id] of group.members) if (activity.description.endsWith(id)) group.members.delete(id);
    const { message: why } = error as Error;
    const atLaunch = error instanceof EndedAtLaunch;
    const message = atLaunch ? why : `${why}. Launching EC2 instance failed.`.replace("..", ".");
    activity.description = `${atLaunch ? activity.description : "Launching a new EC2 instance"}.  Status Reason: ${message}`;
    endActivity(activity, "Failed", message);
    group.failedLaunches += 1;
    const wait = Math.min(firstRetryMilliseconds * 2 ** (group.failedLaunches - 1), lastRetryMilliseconds);
    group.retryAt = Date.now() + wait;
  } finally {
    uncount();
  }
}

/** An instance that came to be and ended before it was in service. */
class EndedAtLaunch extends Error {
  constructor(reason: string) {
    super(
      `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ${reason}`,
    );
  }
}

/** Puts a running instance in service and behind the group's load balancers. */
export function enterService(registration: Registration, group: Group, member: Member): void {
  member.lifecycle = "InService";
  member.inServiceSince = Date.now();
  if (group.suspended.has("AddToLoadBalancer")) return;
  for (const arn of group.targetGroupArns) {
    try {
      registration.register(arn, member.id);
    } catch {
      // The target group is gone, or the instance has ended meanwhile: its health tells.
    }
  }
}

function newMember(
  group: Group,
  instance: { id: string; instanceType: string; imageId: string; availabilityZone: string; subnetId: string },
  launchTemplate: LaunchTemplateReference,
): Member {
  const { id, instanceType, imageId, availabilityZone, subnetId } = instance;
  return {
    id,
    instanceType,
    imageId,
    availabilityZone,
    subnetId,
    launchTemplate,
    lifecycle: "Pending",
    health: "Healthy",
    protectedFromScaleIn: group.protectNewInstances,
    launched: Date.now(),
  };
}

/** Instances are spread evenly over the subnets. */
function emptiestSubnet(group: Group): { subnetId: string; availabilityZone: string } {
  const used = (subnetId: string) =>
    activeMembers(group).filter((member) => member.subnetId === subnetId && member.health === "Healthy").length +
    group.launching.filter((launching) => launching === subnetId).length;
  const places = group.subnetIds.map((subnetId, index) => ({
    subnetId,
    availabilityZone: group.availabilityZones[index] ?? "",
    used: used(subnetId),
  }));
  return places.sort((a, b) => a.used - b.used)[0] ?? { subnetId: "", availabilityZone: "" };
}
