import type { EC2Client } from "@aws-sdk/client-ec2";
import { DescribeTagsCommand, type ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Groups } from "../autoscaling/groups.ts";
import { AwsError } from "../aws-error.ts";
import { baseImage } from "../base-image.ts";
import { readTemplateVersion, type TemplateReference, type TemplateVersion } from "../ec2/launch-template-data.ts";
import type { MotoRead } from "../moto-read.ts";
import { type Element, elements, text } from "../xml.ts";

/** What a call is about, as IAM looks at it. */
export interface Thing {
  arn: string;
  tags: ReadonlyMap<string, string>;
  /** Condition keys that tell more of it: `ec2:Vpc`, `ec2:Owner`. */
  more: ReadonlyMap<string, readonly string[]>;
}

interface ThingsParts {
  ec2: EC2Client;
  loadBalancing: ElasticLoadBalancingV2Client;
  motoRead: MotoRead;
  groups: Groups;
  region: string;
  account: string;
  isDeletedVersion: (templateId: string, version: number) => boolean;
}

export type Things = ReturnType<typeof createThings>;

/** How EC2 describes one thing of a type: the action, the parameter for its id and for its name, the list in the answer. */
const described: Record<string, { action: string; byId: string; byName?: string; list: string; id: string }> = {
  image: { action: "DescribeImages", byId: "ImageId", list: "imagesSet", id: "imageId" },
  instance: { action: "DescribeInstances", byId: "InstanceId", list: "instancesSet", id: "instanceId" },
  "key-pair": { action: "DescribeKeyPairs", byId: "KeyPairId", byName: "KeyName", list: "keySet", id: "keyPairId" },
  "launch-template": {
    action: "DescribeLaunchTemplates",
    byId: "LaunchTemplateId",
    byName: "LaunchTemplateName",
    list: "launchTemplates",
    id: "launchTemplateId",
  },
  "network-interface": {
    action: "DescribeNetworkInterfaces",
    byId: "NetworkInterfaceId",
    list: "networkInterfaceSet",
    id: "networkInterfaceId",
  },
  "security-group": {
    action: "DescribeSecurityGroups",
    byId: "GroupId",
    list: "securityGroupInfo",
    id: "groupId",
  },
  snapshot: { action: "DescribeSnapshots", byId: "SnapshotId", list: "snapshotSet", id: "snapshotId" },
  subnet: { action: "DescribeSubnets", byId: "SubnetId", list: "subnetSet", id: "subnetId" },
  volume: { action: "DescribeVolumes", byId: "VolumeId", list: "volumeSet", id: "volumeId" },
  vpc: { action: "DescribeVpcs", byId: "VpcId", list: "vpcSet", id: "vpcId" },
};

/** What EC2's ids begin with. */
const prefixes: Record<string, string> = {
  ami: "image",
  eni: "network-interface",
  i: "instance",
  key: "key-pair",
  lt: "launch-template",
  sg: "security-group",
  snap: "snapshot",
  subnet: "subnet",
  vol: "volume",
  vpc: "vpc",
};

/** The type of an EC2 id. */
export function typeOfId(id: string): string {
  return prefixes[id.slice(0, id.lastIndexOf("-"))] ?? "";
}

/** What is there of the things that calls name, by their ids, names or ARNs; undefined where there is no such thing. */
export function createThings({ ec2, loadBalancing, motoRead, groups, region, account, isDeletedVersion }: ThingsParts) {
  /** An ARN as the Service Authorization Reference writes it; images and snapshots are of no account there. */
  function arn(service: string, type: string, rest: string): string {
    const owner = type === "image" || type === "snapshot" ? "" : account;
    return `arn:aws:${service}:${region}:${owner}:${type}${type === "autoScalingGroup" ? ":" : "/"}${rest}`;
  }

  async function ofEc2(type: string, name: string): Promise<Thing | undefined> {
    const how = described[type];
    if (!how) return undefined;
    const parameter = how.byName && typeOfId(name) !== type ? how.byName : how.byId;
    const answer = await orNone(motoRead("ec2", how.action, { [`${parameter}.1`]: name }));
    const list =
      type === "instance"
        ? elements(answer?.reservationSet).flatMap((one) => elements(one[how.list]))
        : elements(answer?.[how.list]);
    const [found] = list;
    if (!found) return undefined;
    const id = text(found[how.id]);
    const { tagSet } = found.tagSet
      ? found
      : await motoRead("ec2", "DescribeTags", { "Filter.1.Name": "resource-id", "Filter.1.Value.1": id });
    return {
      arn: arn("ec2", type, type === "key-pair" ? text(found.keyName) : id),
      tags: new Map(elements(tagSet).map(({ key, value }) => [text(key), text(value)])),
      more: moreOf(type, found),
    };
  }

  function moreOf(type: string, found: Element): Thing["more"] {
    if (type === "image") {
      // One value: an alias where EC2 shows one, else the account.
      const owner = text(found.imageId) === baseImage.id ? baseImage.ownerAlias : text(found.imageOwnerId);
      return new Map([["ec2:Owner", [owner]]]);
    }
    const inVpc = type === "security-group" || type === "subnet" || type === "network-interface";
    return inVpc ? new Map([["ec2:Vpc", [arn("ec2", "vpc", text(found.vpcId))]]]) : new Map();
  }

  async function ofElasticLoadBalancing(name: string): Promise<Thing | undefined> {
    const answer = await loadBalancing.send(new DescribeTagsCommand({ ResourceArns: [name] })).catch(() => undefined);
    const [found] = answer?.TagDescriptions ?? [];
    if (!found) return undefined;
    const tags = new Map((found.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
    return { arn: name, tags, more: new Map() };
  }

  function ofAutoScaling(name: string): Thing | undefined {
    const group = groups.find(name);
    if (!group) return undefined;
    return { arn: group.arn, tags: new Map([...group.tags].map(([key, { value }]) => [key, value])), more: new Map() };
  }

  return {
    arn,
    async find(service: string, type: string, name: string): Promise<Thing | undefined> {
      if (service === "ec2") return await ofEc2(type, name);
      return service === "autoscaling" ? ofAutoScaling(name) : await ofElasticLoadBalancing(name);
    },
    /** The group that an instance gets where nobody names one (EC2 user guide, "Default security groups"). */
    async defaultGroup(vpcId: string): Promise<Thing | undefined> {
      const filters = { "Filter.1.Name": "vpc-id", "Filter.1.Value.1": vpcId, "Filter.2.Name": "group-name" };
      const asked = { ...filters, "Filter.2.Value.1": "default" };
      const { securityGroupInfo } = await motoRead("ec2", "DescribeSecurityGroups", asked);
      const id = text(elements(securityGroupInfo)[0]?.groupId);
      return id ? await ofEc2("security-group", id) : undefined;
    },
    role: (path: string) => `arn:aws:iam::${account}:role/${path}`,
    /** Where an Auto Scaling group launches. */
    subnetsOf: (group: string) => groups.find(group)?.subnetIds ?? [],
    async template(reference: TemplateReference): Promise<TemplateVersion | undefined> {
      return await orNone(readTemplateVersion(ec2, reference, isDeletedVersion));
    },
    /** The ARNs of the roles in an instance profile, by its name. */
    async rolesOf(profile: string): Promise<string[]> {
      const answer = await orNone(motoRead("iam", "GetInstanceProfile", { InstanceProfileName: profile }));
      const roles = elements((answer?.InstanceProfile as Element | undefined)?.Roles);
      return roles.map(({ Arn }) => text(Arn));
    },
  };
}

async function orNone<T>(answer: Promise<T>): Promise<T | undefined> {
  return await answer.catch((error) => {
    if (error instanceof AwsError) return undefined;
    throw error;
  });
}
