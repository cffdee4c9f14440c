import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import type { SsmParts } from "./index.ts";

/** The host's pids of the machines, by instance id, whose agents SSM hears of. */
export type Agents = (ids?: readonly string[]) => Promise<Map<string, number>>;

/**
 * Each running machine plays an image with the agent in it, which SSM hears of where the instance has an instance profile
 * ("Configure instance permissions required for Systems Manager", user guide); what the profile allows is not looked at.
 */
export function agents({ ec2, instances, machines }: SsmParts): Agents {
  return async (ids) => {
    const running = instances.all().filter(({ id, state }) => state === "running" && (!ids || ids.includes(id)));
    const pids = new Map(running.flatMap(({ id }) => [[id, machines.pid(id)] as const]));
    if (running.length === 0) return new Map();
    const { Reservations = [] } = await ec2.send(
      new DescribeInstancesCommand({ InstanceIds: running.map(({ id }) => id) }),
    );
    const found = new Map<string, number>();
    for (const { InstanceId = "", IamInstanceProfile } of Reservations.flatMap(({ Instances = [] }) => Instances)) {
      const pid = pids.get(InstanceId);
      if (IamInstanceProfile?.Arn && pid !== undefined) found.set(InstanceId, pid);
    }
    return found;
  };
}
