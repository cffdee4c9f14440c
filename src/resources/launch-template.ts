import { randomUUID } from "node:crypto";
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
  type LaunchTemplate,
  type RequestLaunchTemplateData,
  type ResponseLaunchTemplateData,
  type ValidationWarning,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { firstAlike, readVersions, type TemplateVersion } from "../aws/launch-template-versions.ts";
import { madeBefore } from "../aws/made-before.ts";
import { onceKnown } from "../aws/not-yet-known.ts";
import { retagEc2 } from "../aws/retag.ts";
import { readTags, tagList } from "../aws/tags.ts";
import { tagsOf } from "../aws/tags-now.ts";
import { errorCode, orMissing } from "../aws/wait.ts";
import { environmentSummary, userData } from "../bake/user-data.ts";
import { knownAfterDeploy, type Live, type Look, type Making, type Resource } from "../engine/resource.ts";
import { lockName, ownTags, stackKey, type Tags } from "../stack.ts";
import { image } from "./image.ts";
import { instanceSecurityGroup } from "./security-group.ts";

interface Desired {
  imageId: string;
  instanceType: string;
  keyName: string | null;
  instanceProfile: string | null;
  securityGroupIds: readonly string[];
  /** `/dev/xvda 8 GiB gp3 encrypted` */
  rootVolume: string;
  metadata: string;
  /** Base64. */
  userData: string;
  /** On instances, volumes and network interfaces. */
  instanceTags: Tags;
  /** On the template itself. */
  tags: Tags;
}

export interface LaunchTemplateLive extends Desired, Live {
  name: string;
  /** The newest version; a group names the version it uses by number. */
  version: string;
  /** The first version that launches the same as this one but for tags: a change of tags replaces no instance. */
  launches: string;
  /** Newest first. */
  versions: readonly TemplateVersion[];
}

const metadata = "IMDSv2 required, hop limit 1";
const launchedKinds = ["instance", "volume", "network-interface"] as const;

/** How the group's instances are launched. Versions cannot be changed: every change makes a new one. */
export const launchTemplate: Resource<Desired, LaunchTemplateLive> = {
  resource: "launch-template",
  kind: "launch-template",
  dependsOn: [image, instanceSecurityGroup],
  names: (stack) => [stackKey(stack)],
  renewedBy(changed) {
    if (changed.every((field) => field === "tags")) return [];
    return changed.every((field) => field === "tags" || field === "instanceTags")
      ? ["version"]
      : ["version", "launches"];
  },
  show: { userData: (value) => environmentSummary(Buffer.from(value, "base64").toString("utf8")) },

  async find(look) {
    const { aws, stack, brief } = look;
    const name = stackKey(stack);
    const template = (await namedTemplates(look)).find(({ LaunchTemplateName }) => LaunchTemplateName === name);
    return template ? [withVersions(template, brief ? [] : await readVersions(aws, name))] : [];
  },

  desired({ config, stack, image: wanted }, need) {
    const baked = "named" in wanted ? wanted.named : need(image);
    const release = "named" in wanted ? wanted.named.release : wanted.release;
    const { type, keyName, instanceProfile, volumeGiB } = config.instances;
    const known = baked.rootDeviceName !== knownAfterDeploy;
    const settings = { port: config.app?.port ?? 80, env: config.app?.env ?? {}, release };
    return {
      imageId: baked.id,
      instanceType: type,
      keyName,
      instanceProfile,
      securityGroupIds: [need(instanceSecurityGroup).id],
      rootVolume: known ? rootVolume(baked.rootDeviceName, Math.max(volumeGiB, baked.minVolumeGiB)) : knownAfterDeploy,
      metadata,
      userData: Buffer.from(userData(settings)).toString("base64"),
      instanceTags: { ...config.tags, ...ownTags(stack, "instance"), "multivac:release": release },
      tags: { ...config.tags, ...ownTags(stack, "launch-template") },
    };
  },

  async create(making, desired, name) {
    const { aws, stack, report } = making;
    const command = new CreateLaunchTemplateCommand({
      ClientToken: randomUUID(),
      LaunchTemplateName: name,
      LaunchTemplateData: templateData(desired),
      TagSpecifications: [{ ResourceType: "launch-template", Tags: tagList(desired.tags) }],
    });
    try {
      const { LaunchTemplate, Warning } = await onceKnown(() => aws.ec2.send(command), making);
      warn(report, Warning);
      const id = LaunchTemplate?.LaunchTemplateId ?? "";
      return { ...desired, id, name, version: "1", launches: "1", versions: [] };
    } catch (error) {
      if (errorCode(error) !== "InvalidLaunchTemplateName.AlreadyExistsException") throw error;
      return await madeBefore(() => readTemplate(aws, name), { stack, kind: "launch-template", name }, making);
    }
  },

  async update(making, live, desired, changed) {
    const { aws } = making;
    if (changed.includes("tags")) await retagEc2(aws, live, desired.tags);
    if (changed.every((field) => field === "tags")) return { ...live, tags: desired.tags };
    const added = await addVersion(making, live.id, desired);
    const versions = [added, ...live.versions];
    return { ...live, ...desired, ...asVersion(versions, added) };
  },

  /** All versions go with it. */
  async delete({ aws }, { id }) {
    await orMissing(
      aws.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id })),
      "InvalidLaunchTemplateId.NotFound",
      "InvalidLaunchTemplateName.NotFoundException",
    );
  },

  tagsNow({ ec2 }, { id }) {
    const answer = ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [id] }));
    return tagsOf(answer, { list: "LaunchTemplates", field: "LaunchTemplateId", id });
  },

  state: (live) => `version ${live.version}`,
};

async function addVersion(making: Making, id: string, desired: Desired): Promise<TemplateVersion> {
  const command = new CreateLaunchTemplateVersionCommand({
    // One token for one version: the SDK's own would be another one for each time this is sent.
    ClientToken: randomUUID(),
    LaunchTemplateId: id,
    LaunchTemplateData: templateData(desired),
  });
  const { LaunchTemplateVersion: version, Warning } = await onceKnown(() => making.aws.ec2.send(command), making);
  warn(making.report, Warning);
  return {
    version: `${version?.VersionNumber}`,
    imageId: desired.imageId,
    created: version?.CreateTime?.toISOString() ?? "",
    isDefault: false,
    data: version?.LaunchTemplateData ?? {},
  };
}

/** EC2 takes templates that name what is not there, and says so. */
function warn(report: Making["report"], warning: ValidationWarning | undefined): void {
  for (const { Message = "" } of warning?.Errors ?? [])
    report({ type: "warning", text: `launch template: ${Message}` });
}

export function rootVolume(device: string, sizeGiB: number): string {
  return `${device} ${sizeGiB} GiB gp3 encrypted`;
}

/** What EC2 takes. Tags of volumes and interfaces come from here only: an Auto Scaling group's tags do not reach them. */
function templateData(desired: Desired): RequestLaunchTemplateData {
  const { instanceProfile, keyName } = desired;
  const [device = "", size] = desired.rootVolume.split(" ");
  return {
    ImageId: desired.imageId,
    InstanceType: desired.instanceType as NonNullable<RequestLaunchTemplateData["InstanceType"]>,
    ...(keyName ? { KeyName: keyName } : {}),
    ...(instanceProfile
      ? {
          IamInstanceProfile: instanceProfile.startsWith("arn:") ? { Arn: instanceProfile } : { Name: instanceProfile },
        }
      : {}),
    SecurityGroupIds: [...desired.securityGroupIds],
    BlockDeviceMappings: [
      {
        DeviceName: device,
        Ebs: { VolumeSize: Number(size), VolumeType: "gp3", Encrypted: true, DeleteOnTermination: true },
      },
    ],
    MetadataOptions: { HttpTokens: "required", HttpEndpoint: "enabled", HttpPutResponseHopLimit: 1 },
    UserData: desired.userData,
    TagSpecifications: launchedKinds.map((kind) => ({
      ResourceType: kind,
      Tags: tagList({ ...desired.instanceTags, "multivac:resource": kind }),
    })),
  };
}

const named = new WeakMap<Look, Promise<LaunchTemplate[]>>();

/** The stack's launch template and its lock, by their names; read by one call, which a look makes once. */
export function namedTemplates(look: Look): Promise<LaunchTemplate[]> {
  const { ec2 } = look.aws;
  const Filters = [{ Name: "launch-template-name", Values: [stackKey(look.stack), lockName(look.stack)] }];
  const reading =
    named.get(look) ??
    ec2.send(new DescribeLaunchTemplatesCommand({ Filters })).then(({ LaunchTemplates = [] }) => LaunchTemplates);
  named.set(look, reading);
  return reading;
}

/** The template as its newest version has it; undefined when there is none of that name. */
export async function readTemplate(aws: Aws, name: string): Promise<LaunchTemplateLive | undefined> {
  const missing = ["InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound"];
  const command = new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [name] });
  const template = (await orMissing(aws.ec2.send(command), ...missing))?.LaunchTemplates?.[0];
  return template?.LaunchTemplateId ? withVersions(template, await readVersions(aws, name)) : undefined;
}

function withVersions(template: LaunchTemplate, versions: TemplateVersion[]): LaunchTemplateLive {
  const { LaunchTemplateId: id = "", LaunchTemplateName: name = "", Tags, LatestVersionNumber = 1 } = template;
  const none = { version: `${LatestVersionNumber}`, imageId: "", created: "", isDefault: true, data: {} };
  return { id, name, tags: readTags(Tags), ...asVersion(versions, versions[0] ?? none) };
}

/** A template as one of its versions has it; as it is when it has no such version. */
export function templateVersion(template: LaunchTemplateLive, version: string): LaunchTemplateLive {
  const found = template.versions.find((each) => each.version === version);
  return found ? { ...template, ...asVersion(template.versions, found) } : template;
}

function asVersion(versions: readonly TemplateVersion[], { version, data }: TemplateVersion) {
  return { version, launches: firstAlike(versions, version), versions, ...readData(data) };
}

function readData(data: ResponseLaunchTemplateData): Omit<Desired, "tags"> {
  const [disk] = data.BlockDeviceMappings ?? [];
  const { HttpTokens, HttpPutResponseHopLimit: hops } = data.MetadataOptions ?? {};
  const volume = [
    disk?.DeviceName,
    disk?.Ebs?.VolumeSize,
    "GiB",
    disk?.Ebs?.VolumeType,
    disk?.Ebs?.Encrypted ? "encrypted" : "",
  ];
  return {
    imageId: data.ImageId ?? "",
    instanceType: data.InstanceType ?? "",
    keyName: data.KeyName ?? null,
    instanceProfile: data.IamInstanceProfile?.Arn ?? data.IamInstanceProfile?.Name ?? null,
    securityGroupIds: [...(data.SecurityGroupIds ?? [])].sort(),
    rootVolume: volume.join(" ").trim(),
    metadata: `IMDSv2 ${HttpTokens}, hop limit ${hops}`,
    userData: data.UserData ?? "",
    instanceTags: readTags(data.TagSpecifications?.find(({ ResourceType }) => ResourceType === "instance")?.Tags),
  };
}
