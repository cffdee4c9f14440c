import {
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  type Filter,
  type IpPermission,
  paginateDescribeSecurityGroups,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { madeBefore } from "../aws/made-before.ts";
import { onceKnown } from "../aws/not-yet-known.ts";
import { retagEc2 } from "../aws/retag.ts";
import { taggedBeside } from "../aws/tag-index.ts";
import { readTags, stackFilters, tagList } from "../aws/tags.ts";
import { tagsOf } from "../aws/tags-now.ts";
import { errorCode } from "../aws/wait.ts";
import type { Deletable, Live, Look, Making, Resource } from "../engine/resource.ts";
import type { Inputs } from "../inputs.ts";
import { ownTags, type Stack, stackKey, type Tags } from "../stack.ts";
import { builder, temporaryGroups } from "./builder.ts";
import { deleteSecurityGroup, revokeRulesToGroups } from "./security-group-deletion.ts";

interface Desired {
  vpcId: string;
  description: string;
  tags: Tags;
}

export interface SecurityGroupLive extends Desired, Live {
  name: string;
  ingress: readonly IpPermission[];
  egress: readonly IpPermission[];
}

/** Lets in what visitors send, and out only what goes to the instances. */
export const loadBalancerSecurityGroup = securityGroup("load-balancer-security-group", "lb", "load balancer");

/** Lets in what the load balancer sends, and SSH from the addresses that the config names. */
export const instanceSecurityGroup = securityGroup("instance-security-group", "app", "instances");

/** A builder's own group, left behind when a bake dies. */
export const builderSecurityGroup: Deletable<SecurityGroupLive> = {
  resource: "builder-security-group",
  kind: "security-group",
  dependsOn: [],
  async find(look) {
    const { aws, at } = look;
    const [tagged, builders] = await Promise.all([taggedGroups(look), at(builder)]);
    const own = tagged.filter(isBuilders);
    const temporary = await temporaryGroups(aws, builders);
    const ids = [...temporary.keys()].filter((id) => !own.some((group) => group.id === id));
    const named = ids.length > 0 ? await readSecurityGroups(aws, [{ Name: "group-id", Values: ids }]) : [];
    return [...own, ...named.map((group) => ({ ...group, ...temporary.get(group.id) }))];
  },
  async delete(doing, live) {
    await revokeRulesToGroups(doing, live);
    await deleteSecurityGroup(doing, live);
  },
  tagsNow: groupTagsNow,
};

/** Whether tags say that a group is a builder's. */
export function isBuilders({ tags }: SecurityGroupLive): boolean {
  return tags["multivac:resource"]?.startsWith("builder") === true;
}

function securityGroup(resource: string, suffix: string, whose: string): Resource<Desired, SecurityGroupLive> {
  const name = (stack: Stack) => `${stackKey(stack)}-${suffix}`;
  return {
    resource,
    kind: "security-group",
    dependsOn: [],
    names: (stack) => [name(stack)],
    immutable: ["vpcId", "description"],

    async find(look) {
      const groups = await groupsOf(look);
      return groups.filter((group) => group.name === name(look.stack));
    },

    desired: ({ config, stack }) => ({
      vpcId: config.network.vpcId,
      description: `multivac ${stackKey(stack)}: ${whose}`,
      tags: { ...config.tags, ...ownTags(stack, resource) },
    }),

    async create(making, { vpcId, description, tags }) {
      const { aws, stack } = making;
      try {
        const command = new CreateSecurityGroupCommand({
          GroupName: name(stack),
          Description: description,
          VpcId: vpcId,
          TagSpecifications: [{ ResourceType: "security-group", Tags: tagList(tags) }],
        });
        const [{ GroupId = "" }, egress] = await Promise.all([
          onceKnown(() => aws.ec2.send(command), making),
          defaultEgress(making, vpcId),
        ]);
        return { id: GroupId, name: name(stack), vpcId, description, tags, ingress: [], egress };
      } catch (error) {
        if (errorCode(error) !== "InvalidGroup.Duplicate") throw error;
        const named = async () =>
          (await readSecurityGroups(aws, byName(name(stack)))).find((group) => group.vpcId === vpcId);
        return await madeBefore(named, { stack, kind: "security-group", name: name(stack) }, making);
      }
    },

    async update({ aws }, live, { tags }) {
      await retagEc2(aws, live, tags);
      return { ...live, tags };
    },

    delete: deleteSecurityGroup,
    tagsNow: groupTagsNow,
    state: () => "present",
  };
}

const reads = new WeakMap<Look, Promise<SecurityGroupLive[]>>();

/** Both groups of the stack, by their names; read by one call, which a look makes once. */
export function groupsOf(look: Look): Promise<SecurityGroupLive[]> {
  const { aws, stack } = look;
  const reading = reads.get(look) ?? readSecurityGroups(aws, byName(`${stackKey(stack)}-lb`, `${stackKey(stack)}-app`));
  reads.set(look, reading);
  return reading;
}

/** Security groups of the stack by their tags alone, but for those found by name. */
export function taggedGroups(look: Look): Promise<SecurityGroupLive[]> {
  const reading = tagged.get(look) ?? readTagged(look);
  tagged.set(look, reading);
  return reading;
}

const tagged = new WeakMap<Look, Promise<SecurityGroupLive[]>>();

async function readTagged(look: Look): Promise<SecurityGroupLive[]> {
  const named = await groupsOf(look);
  const others = await taggedBeside(look, "security-group", named);
  if (others.length === 0) return [];
  const found = await readSecurityGroups(look.aws, stackFilters(look.stack));
  return found.filter(({ id }) => others.includes(id));
}

export function groupTagsNow({ ec2 }: Aws, { id }: Live): Promise<Tags | undefined> {
  const answer = ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  return tagsOf(answer, { list: "SecurityGroups", field: "GroupId", id });
}

function byName(...names: string[]): Filter[] {
  return [{ Name: "group-name", Values: names }];
}

/** Security groups by what EC2 filters them by. */
async function readSecurityGroups(aws: Aws, Filters: Filter[]): Promise<SecurityGroupLive[]> {
  const groups: SecurityGroup[] = [];
  for await (const page of paginateDescribeSecurityGroups({ client: aws.ec2 }, { Filters })) {
    groups.push(...(page.SecurityGroups ?? []));
  }
  return groups.map((group) => ({
    id: group.GroupId ?? "",
    name: group.GroupName ?? "",
    vpcId: group.VpcId ?? "",
    description: group.Description ?? "",
    tags: readTags(group.Tags),
    ingress: group.IpPermissions ?? [],
    egress: group.IpPermissionsEgress ?? [],
  }));
}

const vpcs = new WeakMap<Inputs, Promise<boolean>>();

/** The rules that AWS gives a new group: everything may go out, by IPv6 too where the VPC has it. */
async function defaultEgress({ aws, inputs }: Making, vpcId: string): Promise<IpPermission[]> {
  // Both groups are made side by side in one VPC, which is asked once.
  const asking = vpcs.get(inputs) ?? hasIpv6(aws, vpcId);
  vpcs.set(inputs, asking);
  return [
    {
      IpProtocol: "-1",
      IpRanges: [{ CidrIp: "0.0.0.0/0" }],
      ...((await asking) ? { Ipv6Ranges: [{ CidrIpv6: "::/0" }] } : {}),
    },
  ];
}

async function hasIpv6({ ec2 }: Aws, vpcId: string): Promise<boolean> {
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }));
  return (Vpcs[0]?.Ipv6CidrBlockAssociationSet ?? []).length > 0;
}
