import {
  DeleteSecurityGroupCommand,
  type IpPermission,
  paginateDescribeSecurityGroups,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { holdersOfGroup } from "../aws/holders.ts";
import { readTags } from "../aws/tags.ts";
import { errorCode, orMissing } from "../aws/wait.ts";
import { whileHeld } from "../aws/while-held.ts";
import type { Doing } from "../engine/resource.ts";
import { isOwned } from "../stack.ts";
import type { SecurityGroupLive } from "./security-group.ts";

/** How long network interfaces of what has gone may linger, in seconds (terraform-provider-aws waits 35 minutes). */
const limitSeconds = 35 * 60;

/** AWS's codes for "something uses it". */
const held = ["DependencyViolation", "InvalidGroup.InUse"];

/** Takes away the rules of a group that name others, which cannot be deleted as long as these are there. */
export async function revokeRulesToGroups(
  { aws }: Doing,
  { id, ingress, egress }: Pick<SecurityGroupLive, "id" | "ingress" | "egress">,
): Promise<void> {
  await Promise.all([revokeIngress(aws, id, ingress), revokeEgress(aws, id, egress)]);
}

/** Deletes a security group once the network interfaces of what has gone no longer use it. */
export async function deleteSecurityGroup(
  doing: Doing,
  { id, name }: Pick<SecurityGroupLive, "id" | "name">,
): Promise<void> {
  const { aws, progress, signal } = doing;
  const remove = async () => {
    try {
      await orMissing(aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })), "InvalidGroup.NotFound");
    } catch (error) {
      // The group with such a rule may be one that stays for now.
      if (held.includes(errorCode(error))) await revokeNaming(doing, id);
      throw error;
    }
  };
  await whileHeld(remove, {
    what: `security group ${id} (${name})`,
    codes: held,
    holders: () => holdersOfGroup(doing, id),
    limitSeconds,
    signal,
    progress,
  });
}

/** Takes away the rules of the stack's other groups that name this one. */
async function revokeNaming({ aws, stack }: Doing, groupId: string): Promise<void> {
  for (const filter of ["ip-permission.group-id", "egress.ip-permission.group-id"]) {
    const Filters = [{ Name: filter, Values: [groupId] }];
    for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client: aws.ec2 }, { Filters })) {
      for (const { GroupId = "", Tags, IpPermissions, IpPermissionsEgress } of SecurityGroups) {
        if (GroupId === groupId || !isOwned(stack, readTags(Tags))) continue;
        await revokeIngress(aws, GroupId, naming(IpPermissions, groupId));
        await revokeEgress(aws, GroupId, naming(IpPermissionsEgress, groupId));
      }
    }
  }
}

/** Of rules, the part that names a group. */
function naming(rules: readonly IpPermission[] = [], groupId: string): IpPermission[] {
  return rules.map(({ UserIdGroupPairs, ...rule }) => ({
    ...rule,
    UserIdGroupPairs: UserIdGroupPairs?.filter((pair) => pair.GroupId === groupId),
  }));
}

function revokeIngress({ ec2 }: Aws, GroupId: string, rules: readonly IpPermission[]): Promise<void> {
  return revokeGroupRules(rules, (IpPermissions) =>
    ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions })),
  );
}

function revokeEgress({ ec2 }: Aws, GroupId: string, rules: readonly IpPermission[]): Promise<void> {
  return revokeGroupRules(rules, (IpPermissions) =>
    ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions })),
  );
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
