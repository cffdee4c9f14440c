import {
  DescribeNetworkInterfacesCommand,
  type Filter,
  type Instance,
  paginateDescribeInstances,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { filterLimit } from "../aws/filter.ts";
import { readTags, stackFilters } from "../aws/tags.ts";
import { instanceTagsNow } from "../aws/tags-now.ts";
import type { Live, Look, Part } from "../engine/resource.ts";

/** An instance that an image is baked on, and what tells of its leavings; EC2 lists one that has ended for about an hour. */
export interface BuilderLive extends Live {
  ended: boolean;
  /** The temporary key pair's name; undefined where the key is not Packer's own. */
  keyName: string | undefined;
  /** Ids of Packer's temporary groups; none any more once it has ended. */
  groupIds: readonly string[];
  volumeIds: readonly string[];
}

/** The stack's builders: what provably came from one is the stack's, also where Packer died before it was tagged. */
export const builder: Part<BuilderLive> & { tagsNow: typeof instanceTagsNow } = {
  resource: "builder",
  async find(look) {
    const all = await instancesOf(look);
    return all.map(asBuilder).filter(({ tags }) => tags["multivac:resource"] === "builder");
  },
  tagsNow: instanceTagsNow,
};

/** The stack's instances that have ended: for about an hour EC2 goes on listing them, and their tags. */
export const endedInstances: Part<Live> = {
  resource: "ended-instance",
  async find(look) {
    const ended = (await instancesOf(look)).filter(({ State }) => State?.Name === "terminated");
    return ended.map(({ InstanceId = "", Tags }) => ({ id: InstanceId, tags: readTags(Tags) }));
  },
};

/** Builders by what EC2 filters instances by, those that have ended too. */
export async function readBuilders(aws: Aws, filters: Filter[]): Promise<BuilderLive[]> {
  return (await readAll(aws, filters)).map(asBuilder);
}

const reads = new WeakMap<Look, Promise<Instance[]>>();

/** Every instance of the stack that EC2 lists, those that have ended too; read once in a look. */
export function instancesOf(look: Look): Promise<Instance[]> {
  const reading = reads.get(look) ?? readAll(look.aws, stackFilters(look.stack));
  reads.set(look, reading);
  return reading;
}

async function readAll({ ec2 }: Aws, Filters: Filter[]): Promise<Instance[]> {
  const found: Instance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2 }, { Filters }))
    found.push(...Reservations.flatMap(({ Instances = [] }) => Instances));
  return found;
}

/** Ids of the volumes and network interfaces that EC2 deletes with the stack's instances, which are no leavings. */
export async function goingWithInstances(look: Look): Promise<Set<string>> {
  const running = (await instancesOf(look)).filter(({ State }) => State?.Name !== "terminated");
  const disks = running.flatMap(({ BlockDeviceMappings = [] }) => BlockDeviceMappings);
  const interfaces = running.flatMap(({ NetworkInterfaces = [] }) => NetworkInterfaces);
  return new Set([
    ...disks.flatMap(({ Ebs }) => (Ebs?.DeleteOnTermination && Ebs.VolumeId) || []),
    ...interfaces.flatMap((one) => (one.Attachment?.DeleteOnTermination && one.NetworkInterfaceId) || []),
  ]);
}

function asBuilder(instance: Instance): BuilderLive {
  const { InstanceId = "", Tags, State, KeyName, SecurityGroups = [], BlockDeviceMappings = [] } = instance;
  return {
    id: InstanceId,
    tags: readTags(Tags),
    ended: State?.Name === "terminated",
    keyName: isTemporary(KeyName) ? KeyName : undefined,
    groupIds: SecurityGroups.flatMap(({ GroupId, GroupName }) => (GroupId && isTemporary(GroupName) ? GroupId : [])),
    volumeIds: BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.VolumeId ?? []),
  };
}

/** What Packer makes for one bake is named `packer_…`, by itself or by the template. */
function isTemporary(name: string | undefined): boolean {
  return name?.startsWith("packer_") === true;
}

/** Says of a live one that it came from a builder. */
export function from(live: BuilderLive): Pick<Required<Live>, "via"> {
  return { via: { part: builder, live } };
}

/** The builders' temporary security groups that nothing but builders uses, each with the builder it came from. */
export async function temporaryGroups({ ec2 }: Aws, builders: readonly BuilderLive[]) {
  const ids = [...new Set(builders.flatMap(({ groupIds }) => groupIds))];
  const own = new Set(builders.map(({ id }) => id));
  const shared = new Set<string>();
  for (const id of ids) {
    const Filters = [{ Name: "group-id", Values: [id] }];
    const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
    if (NetworkInterfaces.some(({ Attachment }) => !own.has(Attachment?.InstanceId ?? ""))) shared.add(id);
  }
  return cameFrom(builders, ({ groupIds }) => groupIds.filter((id) => !shared.has(id)));
}

/** The names of the builders' temporary key pairs that no other instance was launched with, each with its builder. */
export async function temporaryKeys({ ec2 }: Aws, builders: readonly BuilderLive[]) {
  const names = [...new Set(builders.flatMap(({ keyName = [] }) => keyName))];
  const own = new Set(builders.map(({ id }) => id));
  const shared = new Set<string>();
  for (let at = 0; at < names.length; at += filterLimit) {
    const Filters = [
      { Name: "key-name", Values: names.slice(at, at + filterLimit) },
      { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
    ];
    for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2 }, { Filters }))
      for (const { InstanceId = "", KeyName = "" } of Reservations.flatMap(({ Instances = [] }) => Instances))
        if (!own.has(InstanceId)) shared.add(KeyName);
  }
  return cameFrom(builders, ({ keyName }) => (keyName && !shared.has(keyName) ? [keyName] : []));
}

function cameFrom(builders: readonly BuilderLive[], things: (one: BuilderLive) => readonly string[]) {
  return new Map(builders.flatMap((one) => things(one).map((thing) => [thing, from(one)] as const)));
}
