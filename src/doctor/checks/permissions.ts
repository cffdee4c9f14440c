import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateKeyPairCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type TagSpecification,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../../aws/aws.ts";
import { dryRun } from "../../aws/dry-run.ts";
import { explainAll } from "../../aws/explain.ts";
import { tagList } from "../../aws/tags.ts";
import type { Seen } from "../../engine/look.ts";
import { Failure, throwAny } from "../../failure.ts";
import { autoScalingGroup } from "../../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../../resources/auto-scaling-group-live.ts";
import { type ImageLive, image } from "../../resources/image.ts";
import { type LaunchTemplateLive, launchTemplate } from "../../resources/launch-template.ts";
import { instanceSecurityGroup } from "../../resources/security-group.ts";
import { ownTags, stackKey } from "../../stack.ts";
import { type Check, type Ground, NotChecked } from "../check.ts";
import { tryLaunch } from "./launch.ts";
import { account } from "./settings.ts";

/** What AWS would allow, by the name of the action. */
type Tries = Readonly<Record<string, () => Promise<void>>>;

/** That the credentials may do what EC2 tells of by dry runs: what a deploy creates, and what it changes of what is there. */
export const permissions: Check = {
  name: "permissions",
  needs: [account],
  async look(ground) {
    const [toCreate, seen, aws] = await Promise.all([creating(ground), ground.seen(), ground.aws()]);
    return await tried({ ...toCreate, ...changing(aws, seen) });
  },
};

/** The same, of what is created. */
export const permissionsToCreate: Check = {
  name: "permissions-to-create",
  look: async (ground) => await tried(await creating(ground)),
};

async function tried(tries: Tries): Promise<string> {
  const answers = await Promise.all(
    Object.entries(tries).map(async ([action, ask]) => {
      const error = await ask().then(
        () => undefined,
        (refusal: Error) => refusal,
      );
      return { action, error };
    }),
  );
  const refused = answers.flatMap(({ error }) => (error ? explainAll(error).filter(isRefusal) : []));
  throwAny(refused);
  const allowed = answers.filter(({ error }) => !error).map(({ action }) => action);
  const why = (error: Error) => (error instanceof NotChecked ? error.message : error.name);
  const untold = answers.flatMap(({ action, error }) => (error ? `${action} (${why(error)})` : []));
  return [
    `by dry runs these credentials may do ${allowed.join(", ") || "nothing"}`,
    ...(untold.length > 0 ? [`EC2 did not tell of ${untold.join(", ")}`] : []),
    "not tried, for only EC2 has dry runs: what changes load balancers and Auto Scaling groups",
  ].join("; ");
}

function isRefusal(error: unknown): boolean {
  return error instanceof Failure && error.code === "not-allowed";
}

/** What a first deploy creates, and a bake. */
async function creating(ground: Ground): Promise<Tries> {
  const [aws, { config }, bakes] = await Promise.all([ground.aws(), ground.loaded(), ground.bakes()]);
  const { type } = config.instances;
  // A name that nothing has: of one that is taken, EC2 may say that first.
  const name = `${stackKey(config)}-dry-run`;
  const tags = (ResourceType: TagSpecification["ResourceType"], part: string) => ({
    TagSpecifications: [{ ResourceType, Tags: tagList({ ...config.tags, ...ownTags(config, part) }) }],
  });
  return {
    RunInstances: async () => {
      const refused = await tryLaunch(ground);
      if (refused) throw refused;
    },
    CreateSecurityGroup: () =>
      dryRun(
        aws,
        new CreateSecurityGroupCommand({
          GroupName: name,
          Description: name,
          VpcId: config.network.vpcId,
          ...tags("security-group", "instance-security-group"),
        }),
      ),
    CreateLaunchTemplate: () =>
      dryRun(
        aws,
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: name,
          LaunchTemplateData: { InstanceType: type as "t3.micro" },
          ...tags("launch-template", "launch-template"),
        }),
      ),
    ...(bakes && {
      // Named as the template names it: the least policies know it by that.
      CreateKeyPair: () =>
        dryRun(
          aws,
          new CreateKeyPairCommand({ KeyName: `packer_${stackKey(config)}_dry-run`, ...tags("key-pair", "builder") }),
        ),
    }),
  };
}

/** What deploys and destroys do with what is there. */
function changing(aws: Aws, seen: Seen): Tries {
  const one = <L>(resource: object) => seen.get(resource as typeof image)?.owned[0] as L | undefined;
  const GroupId = one<{ id: string }>(instanceSecurityGroup)?.id;
  const LaunchTemplateId = one<LaunchTemplateLive>(launchTemplate)?.id;
  const baked = one<ImageLive>(image);
  const SnapshotId = baked?.snapshotIds[0];
  const InstanceId = one<AutoScalingGroupLive>(autoScalingGroup)?.instances[0]?.InstanceId;
  const rule = {
    IpPermissions: [{ IpProtocol: "tcp", FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: "192.0.2.0/24" }] }],
  };
  return {
    ...(GroupId && {
      AuthorizeSecurityGroupIngress: () => dryRun(aws, new AuthorizeSecurityGroupIngressCommand({ GroupId, ...rule })),
      AuthorizeSecurityGroupEgress: () => dryRun(aws, new AuthorizeSecurityGroupEgressCommand({ GroupId, ...rule })),
      RevokeSecurityGroupIngress: () => dryRun(aws, new RevokeSecurityGroupIngressCommand({ GroupId, ...rule })),
      RevokeSecurityGroupEgress: () => dryRun(aws, new RevokeSecurityGroupEgressCommand({ GroupId, ...rule })),
      DeleteSecurityGroup: () => dryRun(aws, new DeleteSecurityGroupCommand({ GroupId })),
    }),
    ...(LaunchTemplateId && {
      CreateLaunchTemplateVersion: () =>
        dryRun(aws, new CreateLaunchTemplateVersionCommand({ LaunchTemplateId, LaunchTemplateData: {} })),
      DeleteLaunchTemplate: () => dryRun(aws, new DeleteLaunchTemplateCommand({ LaunchTemplateId })),
    }),
    ...(baked && {
      CreateTags: () => dryRun(aws, new CreateTagsCommand({ Resources: [baked.id], Tags: tagList(baked.tags) })),
      DeregisterImage: () => dryRun(aws, new DeregisterImageCommand({ ImageId: baked.id })),
    }),
    ...(SnapshotId && { DeleteSnapshot: () => dryRun(aws, new DeleteSnapshotCommand({ SnapshotId })) }),
    ...(InstanceId && {
      TerminateInstances: () => dryRun(aws, new TerminateInstancesCommand({ InstanceIds: [InstanceId] })),
    }),
  };
}
