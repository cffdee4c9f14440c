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
import {
  DescribeTagsCommand,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { isOwned, type Stack } from "../stack.ts";
import type { Aws } from "./aws.ts";
import { readTags, stackFilters } from "./tags.ts";

export interface Tagged {
  /** AWS's noun in kebab-case. */
  kind: string;
  id: string;
}

/**
 * Everything in the region that carries the stack's tags, of whatever kind, found without going by names: what each
 * service lists by tag, every load balancer and target group with its tags, and for kinds that nobody here knows EC2's
 * own list of tags. Instances that have ended, which EC2 lists for about an hour more, are left out.
 */
export async function everythingTagged(aws: Aws, stack: Stack): Promise<Tagged[]> {
  const ways = [taggedInEc2, otherTagsInEc2, taggedGroups, taggedInElb];
  return (await Promise.all(ways.map((way) => way(aws, stack)))).flat();
}

type Page = Record<string, unknown>;

/** How EC2 lists each kind by tag: the paginator, where its page holds the things, and what is their id. */
async function taggedInEc2({ ec2: client }: Aws, stack: Stack): Promise<Tagged[]> {
  const Filters = stackFilters(stack);
  const kinds: [kind: string, pages: AsyncIterable<object>, list: string, id: string][] = [
    ["security-group", paginateDescribeSecurityGroups({ client }, { Filters }), "SecurityGroups", "GroupId"],
    [
      "launch-template",
      paginateDescribeLaunchTemplates({ client }, { Filters }),
      "LaunchTemplates",
      "LaunchTemplateId",
    ],
    [
      "network-interface",
      paginateDescribeNetworkInterfaces({ client }, { Filters }),
      "NetworkInterfaces",
      "NetworkInterfaceId",
    ],
    ["volume", paginateDescribeVolumes({ client }, { Filters }), "Volumes", "VolumeId"],
    ["snapshot", paginateDescribeSnapshots({ client }, { Filters, OwnerIds: ["self"] }), "Snapshots", "SnapshotId"],
    ["image", paginateDescribeImages({ client }, { Filters, Owners: ["self"] }), "Images", "ImageId"],
    ["instance", instancePages(client, Filters), "Instances", "InstanceId"],
    ["key-pair", keyPairPage(client, Filters), "KeyPairs", "KeyPairId"],
  ];
  const found = await Promise.all(
    kinds.map(async ([kind, pages, list, id]) => {
      const ids: Tagged[] = [];
      for await (const page of pages) {
        for (const thing of ((page as Page)[list] ?? []) as Page[]) ids.push({ kind, id: `${thing[id]}` });
      }
      return ids;
    }),
  );
  return found.flat();
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

const listedByKind = [
  "security-group",
  "launch-template",
  "network-interface",
  "volume",
  "snapshot",
  "image",
  "instance",
  "key-pair",
];

/** Things of any other kind that somebody gave the stack's tags. */
async function otherTagsInEc2({ ec2: client }: Aws, stack: Stack): Promise<Tagged[]> {
  const tags = new Map<string, { kind: string; tags: { Key: string; Value: string }[] }>();
  const Filters = [{ Name: "key", Values: ["multivac:name", "multivac:environment"] }];
  for await (const page of paginateDescribeTags({ client }, { Filters })) {
    for (const { ResourceId = "", ResourceType = "", Key = "", Value = "" } of page.Tags ?? []) {
      const entry = tags.get(ResourceId) ?? { kind: ResourceType, tags: [] };
      entry.tags.push({ Key, Value });
      tags.set(ResourceId, entry);
    }
  }
  return [...tags]
    .filter(([, entry]) => isOwned(stack, readTags(entry.tags)) && !listedByKind.includes(entry.kind))
    .map(([id, { kind }]) => ({ kind, id }));
}

async function taggedGroups({ autoScaling }: Aws, stack: Stack): Promise<Tagged[]> {
  const tags = new Map<string, { Key: string; Value: string }[]>();
  const Filters = [{ Name: "key", Values: ["multivac:name", "multivac:environment"] }];
  for await (const page of paginateGroupTags({ client: autoScaling }, { Filters })) {
    for (const { ResourceId = "", Key = "", Value = "" } of page.Tags ?? []) {
      tags.set(ResourceId, [...(tags.get(ResourceId) ?? []), { Key, Value }]);
    }
  }
  return [...tags]
    .filter(([, list]) => isOwned(stack, readTags(list)))
    .map(([id]) => ({ kind: "auto-scaling-group", id }));
}

async function taggedInElb({ elb }: Aws, stack: Stack): Promise<Tagged[]> {
  const all: Tagged[] = [];
  for await (const page of paginateDescribeLoadBalancers({ client: elb }, {})) {
    for (const { LoadBalancerArn = "" } of page.LoadBalancers ?? [])
      all.push({ kind: "load-balancer", id: LoadBalancerArn });
  }
  for await (const page of paginateDescribeTargetGroups({ client: elb }, {})) {
    for (const { TargetGroupArn = "" } of page.TargetGroups ?? [])
      all.push({ kind: "target-group", id: TargetGroupArn });
  }
  const perCall = 20;
  const batches = Array.from({ length: Math.ceil(all.length / perCall) }, (_, i) =>
    all.slice(i * perCall, (i + 1) * perCall),
  );
  const owned = await Promise.all(batches.map((batch) => ownedOf(elb, stack, batch)));
  return owned.flat();
}

/** Reads the tags of up to 20; one that is gone fails the whole batch, so that each is then asked for by itself. */
async function ownedOf(elb: Aws["elb"], stack: Stack, batch: Tagged[]): Promise<Tagged[]> {
  try {
    const { TagDescriptions = [] } = await elb.send(
      new DescribeTagsCommand({ ResourceArns: batch.map(({ id }) => id) }),
    );
    const owned = new Set(
      TagDescriptions.filter(({ Tags }) => isOwned(stack, readTags(Tags))).map(({ ResourceArn }) => ResourceArn),
    );
    return batch.filter(({ id }) => owned.has(id));
  } catch (error) {
    if (!/NotFound/.test((error as Error).name)) throw error;
    if (batch.length === 1) return [];
    return (await Promise.all(batch.map((one) => ownedOf(elb, stack, [one])))).flat();
  }
}
