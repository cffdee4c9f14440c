import { type IpPermission, paginateDescribeSecurityGroups } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";

/** The networks that security groups let in on SSH's port, each group read once. */
export function sshSources({ ec2: client }: Aws): (groupIds: readonly string[]) => Promise<string[]> {
  const reads = new Map<string, Promise<string[]>>();
  const read = async (GroupIds: string[]) => {
    const sources: string[] = [];
    for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client }, { GroupIds }))
      sources.push(...SecurityGroups.flatMap(({ IpPermissions = [] }) => IpPermissions.flatMap(sourcesOf)));
    return sources;
  };
  return (groupIds) => {
    const key = groupIds.join();
    const reading = reads.get(key) ?? (groupIds.length ? read([...groupIds]) : Promise.resolve([]));
    reads.set(key, reading);
    return reading;
  };
}

function sourcesOf({ IpProtocol, FromPort = 0, ToPort = 65535, IpRanges = [] }: IpPermission): string[] {
  const isOpen = IpProtocol === "-1" || (IpProtocol === "tcp" && FromPort <= 22 && ToPort >= 22);
  return isOpen ? IpRanges.flatMap(({ CidrIp }) => CidrIp ?? []) : [];
}
