import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import { dryRun } from "../../aws/dry-run.ts";
import { tagList } from "../../aws/tags.ts";
import { errorCode } from "../../aws/wait.ts";
import { Failure } from "../../failure.ts";
import { instanceSecurityGroup } from "../../resources/security-group.ts";
import { ownTags } from "../../stack.ts";
import { type Check, type Ground, NotChecked, shared } from "../check.ts";
import { image } from "./image.ts";
import { account } from "./settings.ts";

/** Whether EC2 would launch an instance as the config wants it; resolves with what it refuses it for. */
export const tryLaunch = shared(async (ground: Ground): Promise<Error | undefined> => {
  const [aws, { config }, wanted, seen] = await Promise.all([
    ground.aws(),
    ground.loaded(),
    ground.wanted(),
    ground.seen(),
  ]);
  const groups = (seen.get(instanceSecurityGroup)?.owned ?? []).map(({ id }) => id);
  const { type, keyName, instanceProfile } = config.instances;
  const Tags = tagList({ ...config.tags, ...ownTags(config, "instance") });
  const launch = dryRun(
    aws,
    new RunInstancesCommand({
      ImageId: "named" in wanted ? wanted.named.id : (wanted.layer.image?.id ?? wanted.base.id),
      InstanceType: type as "t3.micro",
      MinCount: 1,
      MaxCount: 1,
      SubnetId: config.network.subnetIds[0],
      ...(groups.length > 0 ? { SecurityGroupIds: groups } : {}),
      ...(keyName ? { KeyName: keyName } : {}),
      ...(instanceProfile
        ? {
            IamInstanceProfile: instanceProfile.startsWith("arn:")
              ? { Arn: instanceProfile }
              : { Name: instanceProfile },
          }
        : {}),
      MetadataOptions: { HttpTokens: "required" },
      TagSpecifications: [
        { ResourceType: "instance", Tags },
        { ResourceType: "volume", Tags },
      ],
    }),
  );
  return await launch.then(
    () => undefined,
    (error: Error) => (groups.length === 0 && isAboutGroup(error) ? new NotChecked(withDefaultGroup) : error),
  );
});

/** The stack's own group is not there yet; the least policies allow no other. */
const withDefaultGroup =
  "a launch can only be tried with the VPC's default security group as yet, and that is not allowed";

function isAboutGroup(error: Error): boolean {
  const resource = / on resource: (\S+)/.exec(error.message)?.[1];
  return errorCode(error) === "UnauthorizedOperation" && (!resource || resource.includes(":security-group/"));
}

/**
 * That there is the instance profile. Only IAM could say it, with permissions that a deploy does not need; EC2 refuses a
 * launch with one that it does not find.
 */
export const instanceProfile: Check = {
  name: "instance-profile",
  needs: [account, image],
  async look(ground) {
    const loaded = await ground.loaded();
    const { instanceProfile: name } = loaded.config.instances;
    if (name === null) return "the config names none";
    const refused = await tryLaunch(ground);
    if (!refused) return `${name}: EC2 would launch with it; what its role allows the app is not told`;
    if (refused instanceof NotChecked) throw refused;
    if (isAboutProfile(refused)) {
      throw new Failure({
        code: "instance-profile-not-found",
        message: `There is no instance profile ${name} in this account.`,
        reason: `${refused.name}: ${refused.message}`,
        fix: "Set instances.instanceProfile to null, or to one of those listed by: aws iam list-instance-profiles",
      });
    }
    throw new NotChecked(`EC2 refuses to try a launch with ${name} for another reason: ${refused.name}`);
  },
};

/** EC2 says so in its words: the code alone tells of any parameter (EC2 API reference, "Error codes"). */
function isAboutProfile(error: Error): boolean {
  const code = errorCode(error);
  return (
    code.startsWith("InvalidIamInstanceProfile") ||
    (code === "InvalidParameterValue" && /iam ?instance ?profile/i.test(error.message))
  );
}
