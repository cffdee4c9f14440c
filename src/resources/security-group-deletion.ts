import {
  DeleteSecurityGroupCommand,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { holdersOfGroup } from "../aws/holders.ts";
import { orMissing } from "../aws/wait.ts";
import { whileHeld } from "../aws/while-held.ts";
import type { Doing } from "../engine/resource.ts";
import type { SecurityGroupLive } from "./security-group.ts";

/** How long network interfaces of what has gone may linger, in seconds (terraform-provider-aws waits 35 minutes). */
const limitSeconds = 35 * 60;

/** Deletes a security group once the network interfaces of what has gone no longer use it. */
export async function deleteSecurityGroup(
  { aws, stack, progress, signal }: Doing,
  { id, name, ingress, egress }: SecurityGroupLive,
): Promise<void> {
  const { ec2 } = aws;
  await Promise.all([
    revokeGroupRules(ingress, (IpPermissions) =>
      ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: id, IpPermissions })),
    ),
    revokeGroupRules(egress, (IpPermissions) =>
      ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: id, IpPermissions })),
    ),
  ]);
  await whileHeld(() => orMissing(ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })), "InvalidGroup.NotFound"), {
    what: `security group ${id} (${name})`,
    codes: ["DependencyViolation", "InvalidGroup.InUse"],
    holders: () => holdersOfGroup(aws, stack, id),
    limitSeconds,
    signal,
    progress,
  });
}

/** Rules that name groups keep those groups from being deleted. */
async function revokeGroupRules(
  rules: readonly IpPermission[],
  revoke: (rules: IpPermission[]) => Promise<unknown>,
): Promise<void> {
  const naming = rules
    .filter((rule) => rule.UserIdGroupPairs?.length)
    .map(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs }) => ({ IpProtocol, FromPort, ToPort, UserIdGroupPairs }));
  if (naming.length) await orMissing(revoke(naming), "InvalidPermission.NotFound", "InvalidGroup.NotFound");
}
