import {
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DescribeInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { orMissing, waitFor, whileRefused } from "../aws/wait.ts";

/**
 * Takes down what a bake has left of its builder: the instance that carries the bake's id, then the temporary key pair
 * and security group that this instance names. Does nothing where Packer has tidied up.
 */
export async function takeDownBuilder(aws: Aws, bakeId: string, progress: (text: string) => void): Promise<void> {
  const builders = await readBuilders(aws, bakeId);
  if (builders.length === 0) return;
  const InstanceIds = builders.map(({ InstanceId = "" }) => InstanceId);
  progress(`taking down the builder ${InstanceIds.join(", ")}`);
  await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
  await waitFor(async () => ((await readBuilders(aws, bakeId)).length === 0 ? true : undefined), { limitSeconds: 300 });

  const isTemporary = (name: string | undefined) => name?.startsWith("packer_") === true;
  const groups = builders.flatMap(({ SecurityGroups = [] }) =>
    SecurityGroups.filter(({ GroupName }) => isTemporary(GroupName)),
  );
  const keys = builders.flatMap(({ KeyName }) => (KeyName !== undefined && isTemporary(KeyName) ? KeyName : []));
  await Promise.all([
    ...keys.map((KeyName) => aws.ec2.send(new DeleteKeyPairCommand({ KeyName }))),
    ...groups.map(({ GroupId }) =>
      whileRefused(
        () => orMissing(aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId })), "InvalidGroup.NotFound"),
        ["DependencyViolation", "InvalidGroup.InUse"],
        { limitSeconds: 120 },
      ),
    ),
  ]);
}

async function readBuilders({ ec2 }: Aws, bakeId: string) {
  const states = ["pending", "running", "shutting-down", "stopping", "stopped"];
  const Filters = [
    { Name: "tag:multivac:bake", Values: [bakeId] },
    { Name: "instance-state-name", Values: states },
  ];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}
