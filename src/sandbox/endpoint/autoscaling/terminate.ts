import { type EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import type { Instances } from "../ec2/instances.ts";
import type { Power } from "../ec2/power.ts";
import type { Registration } from "../elasticloadbalancing/registration.ts";
import { type Activity, beginActivity, endActivity } from "./activity.ts";
import type { Group, Member } from "./group.ts";

export interface TerminateParts {
  ec2: EC2Client;
  power: Power;
  instances: Instances;
  registration: Registration;
}

/** Drains an instance out of the group's load balancers, terminates it and takes it out of the group. */
export function terminateMember(
  parts: TerminateParts,
  group: Group,
  member: Member,
  cause: string,
): { activity: Activity; done: Promise<void> } {
  member.lifecycle = "Terminating";
  const activity = beginActivity(group, {
    description: `Terminating EC2 instance: ${member.id}`,
    cause,
    details: { "Subnet ID": member.subnetId, "Availability Zone": member.availabilityZone },
  });
  return { activity, done: finish(parts, group, member, activity) };
}

async function finish(parts: TerminateParts, group: Group, member: Member, activity: Activity): Promise<void> {
  const { ec2, power, instances, registration } = parts;
  const { id } = member;
  try {
    if (group.targetGroupArns.length > 0) {
      activity.status = "WaitingForELBConnectionDraining";
      activity.description = `Terminating EC2 instance: ${id} - Waiting For ELB Connection Draining.`;
      activity.progress = 50;
      await registration.deregisterEverywhere(id);
      activity.status = "InProgress";
      activity.description = `Terminating EC2 instance: ${id}`;
    }
    if (instances.get(id)?.state !== "terminated") {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      await power.terminate([id]);
    }
    endActivity(activity, "Successful");
  } catch (error) {
    endActivity(activity, "Failed", (error as Error).message);
  } finally {
    group.members.delete(id);
  }
}
