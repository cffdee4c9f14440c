import { DeleteKeyPairCommand, DeleteSecurityGroupCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { orMissing, waitFor, whileRefused } from "../aws/wait.ts";
import { readBuilders, temporaryGroups, temporaryKeys } from "../resources/builder.ts";

/**
 * Takes down what a bake has left of its builder: the instance that carries the bake's id, then the temporary key pair
 * and security group that this instance alone uses. Does nothing where Packer has tidied up.
 */
export async function takeDownBuilder(aws: Aws, bakeId: string, progress: (text: string) => void): Promise<void> {
  const living = async () => {
    const builders = await readBuilders(aws, [{ Name: "tag:multivac:bake", Values: [bakeId] }]);
    return builders.filter(({ ended }) => !ended);
  };
  const builders = await living();
  if (builders.length === 0) return;
  const InstanceIds = builders.map(({ id }) => id);
  progress(`taking down the builder ${InstanceIds.join(", ")}`);
  const [groups, keys] = await Promise.all([temporaryGroups(aws, builders), temporaryKeys(aws, builders)]);
  await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
  await waitFor(async () => ((await living()).length === 0 ? true : undefined), { limitSeconds: 300 });

  await Promise.all([
    ...[...keys.keys()].map((KeyName) => aws.ec2.send(new DeleteKeyPairCommand({ KeyName }))),
    ...[...groups.keys()].map((GroupId) =>
      whileRefused(
        () => orMissing(aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId })), "InvalidGroup.NotFound"),
        ["DependencyViolation", "InvalidGroup.InUse"],
        { limitSeconds: 120 },
      ),
    ),
  ]);
}
