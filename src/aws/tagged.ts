import { paginateDescribeTags as paginateGroupTags } from "@aws-sdk/client-auto-scaling";
import {
  DescribeKeyPairsCommand,
  type Filter,
  paginateDescribeImages,
  paginateDescribeInstances,
  paginateDescribeLaunchTemplates,
  paginateDescribeNetworkInterfaces,
  paginateDescribeSecurityGroups,
  paginateDescribeSnapshots,
  paginateDescribeTags,
  paginateDescribeVolumes,
} from "@aws-sdk/client-ec2";
import { paginateDescribeLoadBalancers, paginateDescribeTargetGroups } from "@aws-sdk/client-elastic-load-balancing-v2";
import { Failure } from "../failure.ts";
import { isOwned, type Stack } from "../stack.ts";
import type { Aws } from "./aws.ts";
import { readElbTags } from "./elb-look.ts";
import { explainAll } from "./explain.ts";
import { filterLimit } from "./filter.ts";
import { readTagIndex, type TagIndex } from "./tag-index.ts";
import { readTags, stackFilters } from "./tags.ts";

export interface Tagged {
  /** AWS's noun in kebab-case. */
  kind: string;
  id: string;
}

/** A kind that could not be looked at, and why. */
export interface Unread {
  kind: string;
  why: Failure;
}

/**
 * Everything in the region that carries the stack's tags, of whatever kind, found without going by names: what each
 * service lists by tag, every load balancer and target group with its tags, and for kinds that nobody here knows EC2's
 * own list of tags. Instances that have ended, which EC2 lists for about an hour more, are left out. A kind that AWS does
 * not let be read is told apart from one of which there is nothing. `settled` are ids of which there is nothing to tell.
 */
export async function everythingTagged(
  aws: Aws,
  stack: Stack,
  settled: ReadonlySet<string>,
): Promise<{ found: Tagged[]; unread: Unread[] }> {
  const found: Tagged[] = [];
  const unread: Unread[] = [];
  const reading = readTagIndex(aws, stack);
  reading.catch(() => undefined);
  // What may not read the index asks for each kind.
  const index = () => reading.catch(() => undefined);
  const isTagged = async (kind: string) => {
    const read = await index();
    return read ? [...(read.get(kind) ?? [])].some((id) => !settled.has(id)) : true;
  };
  const listed = [
    ...Object.entries(inEc2).map(
      ([kind, list]) =>
        [kind, async () => ((await isTagged(kind)) ? idsInEc2(list(aws.ec2, stackFilters(stack))) : [])] as const,
    ),
    ...Object.entries(elsewhere).map(([kind, list]) => [kind, () => list(aws, stack)] as const),
  ];
  const looks = listed.map(([kind, ids]) => ({ kind, things: async () => (await ids()).map((id) => ({ kind, id })) }));
  const others = { kind: "other kinds of EC2", things: async () => otherTagsInEc2(aws, stack, await reading) };
  await Promise.all(
    [...looks, others].map(async ({ kind, things }) => {
      try {
        found.push(...(await things()));
      } catch (error) {
        const [why] = explainAll(error);
        if (!(why instanceof Failure)) throw error;
        unread.push({ kind, why });
      }
    }),
  );
  const order = (a: Tagged, b: Tagged) => (`${a.kind} ${a.id}` < `${b.kind} ${b.id}` ? -1 : 1);
  return { found: found.filter(({ id }) => !settled.has(id)).sort(order), unread };
}

/** Whether a kind is one that multivac makes or leaves; things of others only carry its tags. */
export function isMade(kind: string): boolean {
  return kind in inEc2 || kind in elsewhere;
}

/** Whether the daily reads, which go by names, would not have found one: it is of a service without a list by tag. */
export function isListedOnly(kind: string): boolean {
  return kind in elsewhere;
}

interface Listing {
  pages: AsyncIterable<object>;
  /** Where a page holds the things, and what is their id. */
  list: string;
  id: string;
}

/** How EC2 lists each kind by tag. */
const inEc2: Record<string, (client: Aws["ec2"], Filters: Filter[]) => Listing> = {
  "security-group": (client, Filters) => ({
    pages: paginateDescribeSecurityGroups({ client }, { Filters }),
    list: "SecurityGroups",
    id: "GroupId",
  }),
  "launch-template": (client, Filters) => ({
    pages: paginateDescribeLaunchTemplates({ client }, { Filters }),
    list: "LaunchTemplates",
    id: "LaunchTemplateId",
  }),
  "network-interface": (client, Filters) => ({
    pages: paginateDescribeNetworkInterfaces({ client }, { Filters }),
    list: "NetworkInterfaces",
    id: "NetworkInterfaceId",
  }),
  volume: (client, Filters) => ({
    pages: paginateDescribeVolumes({ client }, { Filters }),
    list: "Volumes",
    id: "VolumeId",
  }),
  snapshot: (client, Filters) => ({
    pages: paginateDescribeSnapshots({ client }, { Filters, OwnerIds: ["self"] }),
    list: "Snapshots",
    id: "SnapshotId",
  }),
  image: (client, Filters) => ({
    pages: paginateDescribeImages({ client }, { Filters, Owners: ["self"], IncludeDisabled: true }),
    list: "Images",
    id: "ImageId",
  }),
  instance: (client, Filters) => ({ pages: instancePages(client, Filters), list: "Instances", id: "InstanceId" }),
  "key-pair": (client, Filters) => ({ pages: keyPairPage(client, Filters), list: "KeyPairs", id: "KeyPairId" }),
};

async function idsInEc2({ pages, list, id }: Listing): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of pages) {
    const things = (page as Record<string, Record<string, unknown>[] | undefined>)[list] ?? [];
    ids.push(...things.map((thing) => `${thing[id]}`));
  }
  return ids;
}

async function* instancePages(client: Aws["ec2"], Filters: Filter[]): AsyncIterable<object> {
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters })) {
    const all = Reservations.flatMap(({ Instances = [] }) => Instances);
    yield { Instances: all.filter(({ State }) => State?.Name !== "terminated") };
  }
}

async function* keyPairPage(client: Aws["ec2"], Filters: Filter[]): AsyncIterable<object> {
  yield await client.send(new DescribeKeyPairsCommand({ Filters }));
}

/** Things of any other kind that somebody gave the stack's tags. */
async function otherTagsInEc2({ ec2: client }: Aws, stack: Stack, index: TagIndex): Promise<Tagged[]> {
  const others = [...index].flatMap(([kind, ids]) => (kind in inEc2 ? [] : [...ids].map((id) => ({ kind, id }))));
  const owned = new Set<string>();
  for (let from = 0; from < others.length; from += filterLimit) {
    const Filters = [
      { Name: "resource-id", Values: others.slice(from, from + filterLimit).map(({ id }) => id) },
      { Name: "key", Values: ["multivac:environment"] },
      { Name: "value", Values: [stack.environment] },
    ];
    for await (const { Tags = [] } of paginateDescribeTags({ client }, { Filters }))
      for (const { ResourceId = "" } of Tags) owned.add(ResourceId);
  }
  return others.filter(({ id }) => owned.has(id));
}

/** The names of the Auto Scaling groups that carry the stack's tags, but for those known already. */
export async function taggedAutoScalingGroups(
  { autoScaling }: Aws,
  stack: Stack,
  known: readonly string[] = [],
): Promise<string[]> {
  const tags = new Map<string, { Key: string; Value: string }[]>();
  // Of other stacks only those that share both values in part come along.
  const Filters = [
    { Name: "key", Values: ["multivac:name", "multivac:environment"] },
    { Name: "value", Values: [stack.name, stack.environment] },
  ];
  for await (const page of paginateGroupTags({ client: autoScaling }, { Filters })) {
    for (const { ResourceId = "", Key = "", Value = "" } of page.Tags ?? []) {
      tags.set(ResourceId, [...(tags.get(ResourceId) ?? []), { Key, Value }]);
    }
  }
  const owned = [...tags].filter(([, list]) => isOwned(stack, readTags(list))).map(([id]) => id);
  return owned.filter((id) => !known.includes(id));
}

/** The ARNs of the load balancers that carry the stack's tags, but for those known; the service has no filter for them. */
export async function taggedLoadBalancers(aws: Aws, stack: Stack, known: readonly string[] = []): Promise<string[]> {
  const all: string[] = [];
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client: aws.elb }, {}))
    all.push(...LoadBalancers.map(({ LoadBalancerArn = "" }) => LoadBalancerArn));
  return await ownedAmong(
    aws,
    stack,
    all.filter((arn) => !known.includes(arn)),
  );
}

/** The ARNs of the target groups that carry the stack's tags, but for those known; the service has no filter for them. */
export async function taggedTargetGroups(aws: Aws, stack: Stack, known: readonly string[] = []): Promise<string[]> {
  const all: string[] = [];
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client: aws.elb }, {}))
    all.push(...TargetGroups.map(({ TargetGroupArn = "" }) => TargetGroupArn));
  return await ownedAmong(
    aws,
    stack,
    all.filter((arn) => !known.includes(arn)),
  );
}

/** The kinds of other services. */
const elsewhere: Record<string, (aws: Aws, stack: Stack) => Promise<string[]>> = {
  "auto-scaling-group": taggedAutoScalingGroups,
  "load-balancer": taggedLoadBalancers,
  "target-group": taggedTargetGroups,
};

async function ownedAmong(aws: Aws, stack: Stack, arns: readonly string[]): Promise<string[]> {
  const tags = await readElbTags(aws, arns);
  return arns.filter((arn) => isOwned(stack, tags.get(arn) ?? {}));
}
