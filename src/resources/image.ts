import {
  DeregisterImageCommand,
  DescribeImagesCommand,
  DisableImageDeregistrationProtectionCommand,
  type Image,
  paginateDescribeImages,
  paginateDescribeInstances,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { filterLimit } from "../aws/filter.ts";
import { retagAll } from "../aws/retag.ts";
import { tagIndexOf } from "../aws/tag-index.ts";
import { readTags, stackFilters } from "../aws/tags.ts";
import { tagsOf } from "../aws/tags-now.ts";
import { orMissing, waitFor } from "../aws/wait.ts";
import type { Doing, Live, Making, Part, Resource } from "../engine/resource.ts";
import { Failure, sameCommand } from "../failure.ts";
import { isOwned, isOwnKey, type Stack, type Tags } from "../stack.ts";
import { deleteSnapshot, snapshotsMadeFor } from "./snapshot-deletion.ts";

interface Desired {
  release: string;
  /** What stays of other releases; not a field of a live image. */
  keep: Keep;
  /** Undefined for one that is yet to be made. */
  tags: Tags | undefined;
}

interface Keep {
  /** How many releases stay, this one counted. */
  releases: number;
  /** The images that have served, the last one first. */
  served: readonly string[];
}

export interface ImageLive extends Live {
  release: string;
  /** AWS's word: `available`, `pending`, `failed`. */
  status: string;
  /** The base image it was made from; empty for an image that multivac did not bake. */
  base: string;
  architecture: string;
  rootDeviceName: string;
  /** The size of the root snapshot: no root volume may be smaller. */
  minVolumeGiB: number;
  snapshotIds: readonly string[];
  sizeGiB: number;
  /** ISO 8601. */
  created: string;
  /** AWS's word: `disabled`, `enabled-with-cooldown`, `enabled-without-cooldown`. */
  deregistrationProtection: string;
  /** The instance it was made of. */
  sourceInstanceId: string | undefined;
  /** How EC2 bills its instances: `RunInstances` is Linux with nothing more to pay for. */
  usageOperation?: string | undefined;
  /** Whether an instance that is not the stack's runs from it. */
  usedElsewhere?: boolean;
}

/** All images of the stack, newest first: of releases, and what these are baked upon. */
export const ownImages: Part<ImageLive> = {
  resource: "own-images",
  async find(look) {
    const { aws, stack, brief } = look;
    if (brief && !(await tagIndexOf(look)).has("image")) return [];
    const found = await readImages(aws, { ...own, Filters: stackFilters(stack) });
    // One alone of its part is never too many.
    const bases = found.filter((each) => partOf(each) === basePart).length;
    const several = bases > 1 || found.filter(isBaked).length > 1;
    const used = several ? await imagesUsedElsewhere(aws, stack, found) : new Set();
    return found.map((each) => ({ ...each, usedElsewhere: used.has(each.id) }));
  },
};

/** The part that a base image plays. */
export const basePart = "base-image";

const partOf = ({ tags }: Pick<Live, "tags">) => tags["multivac:resource"];

/** Whether an image is a release's. Any other may carry the tags of a release too: a backup has those of its instance. */
export function isRelease(one: Pick<Live, "tags">): boolean {
  return partOf(one) === "image";
}

/** Whether a bake of a release has made it, also one that died before it said so: Packer tags it as its builder first. */
export function isBaked(one: Pick<Live, "tags">): boolean {
  return isRelease(one) || partOf(one) === "builder";
}

/** The machine image of a release, with its snapshots. Made by Packer; every release found is listed, and what did not become one. */
export const image: Resource<Desired, ImageLive> = {
  resource: "image",
  kind: "image",
  dependsOn: [],
  verbs: { create: "bake" },
  whyMade({ image: wanted }) {
    if ("named" in wanted) return undefined;
    const { image: base } = wanted.layer;
    return base ? `only the app, on the base image ${base.id}` : "all of it, and a base image of it";
  },

  find: async ({ at }) => (await at(ownImages)).filter(isBaked),

  desired({ image: wanted, config }, _need, live) {
    if ("named" in wanted) return undefined;
    const own = Object.entries(live?.tags ?? {}).filter(([key]) => isOwnKey(key));
    const tags = live && { ...config.tags, ...Object.fromEntries(own) };
    return { release: wanted.release, keep: { releases: config.image.keep, served: wanted.served }, tags };
  },

  show: { keep: ({ releases }) => releases },

  /**
   * Beside the release itself stay those that served last, then the newest, and what somebody else uses or protects; what
   * did not become an image goes.
   */
  choose(found, { release, keep }) {
    const current = releasesOf(found).find((candidate) => candidate.release === release);
    const others = found.filter((candidate) => candidate !== current);
    const available = releasesOf(others);
    const first = keep.served.flatMap((id) => available.find((candidate) => candidate.id === id) ?? []);
    const kept = new Set([...new Set([...first, ...available])].slice(0, keep.releases - 1));
    return { current, surplus: others.filter((candidate) => !mustStay(candidate) && !kept.has(candidate)) };
  },

  update: retagImages,

  async create({ aws, inputs, signal, progress }) {
    if ("named" in inputs.image) throw new Error("a named image is not baked");
    const id = await inputs.image.bake(signal, progress);
    const read = async () => (await readImages(aws, { ImageIds: [id] })).find(({ status }) => status === "available");
    const listed = () => orMissing(read(), "InvalidAMIID.NotFound");
    const made = await waitFor(listed, { limitSeconds: 300, signal, progress });
    if (made) return made;
    throw new Failure({
      code: "still-under-way",
      message: `The image ${id} was made, and is not available after 5 minutes.`,
      reason: "AWS is still making it.",
      fix: `Go on with what is baked already: ${sameCommand}`,
      exitCode: 3,
    });
  },

  delete: deleteImage,
  tagsNow: ({ ec2 }, { id }) =>
    tagsOf(ec2.send(new DescribeImagesCommand({ ImageIds: [id], IncludeDisabled: true })), {
      list: "Images",
      field: "ImageId",
      id,
    }),
  // With a cooldown it goes on for a day after it was taken off ("Protect an AMI from deregistration", EC2 user guide).
  protections: (live) =>
    isProtected(live)
      ? [
          `deregistration protection${live.deregistrationProtection.endsWith("with-cooldown") ? ", which AWS keeps up for 24 hours after it is taken off" : ""}`,
        ]
      : [],
  async unprotect({ aws }, live) {
    await aws.ec2.send(new DisableImageDeregistrationProtectionCommand({ ImageId: live.id }));
  },
  state: (live) => live.status,
};

/** Only tags can differ: those of every image of the stack and its snapshots are brought to the config's. */
export async function retagImages<L extends Live>({ aws, stack, inputs }: Making, live: L): Promise<L> {
  const all = await readImages(aws, { ...own, Filters: stackFilters(stack) });
  const ours = all.filter((one) => isBaked(one) || partOf(one) === basePart);
  const ids = ours.flatMap(({ id, snapshotIds }) => [id, ...snapshotIds]);
  await retagAll(aws, stack, ids, inputs.config.tags);
  return live;
}

/** Of images found, those that a release can be launched from. */
export function releasesOf(found: readonly ImageLive[]): ImageLive[] {
  return found.filter((one) => isRelease(one) && one.status === "available");
}

/** Whether an image is not to be pruned: it is being made, or somebody else uses or protects it. */
export function mustStay(one: ImageLive): boolean {
  return one.status === "pending" || one.usedElsewhere === true || isProtected(one);
}

/** The account's own, disabled ones too. */
const own = { Owners: ["self"], IncludeDisabled: true };

function isProtected({ deregistrationProtection }: ImageLive): boolean {
  return deregistrationProtection.startsWith("enabled");
}

/** Deregisters an image, then deletes its snapshots; one that is shared or used by another image stays. */
async function deleteImage(doing: Doing, live: ImageLive): Promise<void> {
  const { aws } = doing;
  await orMissing(
    aws.ec2.send(new DeregisterImageCommand({ ImageId: live.id })),
    "InvalidAMIID.NotFound",
    "InvalidAMIID.Unavailable",
  );
  // What is not an image yet may not tell its snapshots.
  const unknown = live.status === "available" ? [] : await snapshotsMadeFor(aws, [live.id]);
  const ids = new Set([...live.snapshotIds, ...unknown.map(({ id }) => id)]);
  await Promise.all([...ids].map((id) => deleteSnapshot(doing, id, live.id)));
}

async function imagesUsedElsewhere({ ec2 }: Aws, stack: Stack, images: readonly ImageLive[]): Promise<Set<string>> {
  const used = new Set<string>();
  for (let from = 0; from < images.length; from += filterLimit) {
    const Values = images.slice(from, from + filterLimit).map(({ id }) => id);
    const Filters = [
      { Name: "image-id", Values },
      { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
    ];
    for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2 }, { Filters })) {
      for (const { ImageId = "", Tags } of Reservations.flatMap(({ Instances = [] }) => Instances))
        if (!isOwned(stack, readTags(Tags))) used.add(ImageId);
    }
  }
  return used;
}

/** Images as the tool sees them, newest first. */
export async function readImages(
  { ec2 }: Aws,
  which: {
    Owners?: string[];
    ImageIds?: string[];
    IncludeDisabled?: boolean;
    Filters?: { Name: string; Values: string[] }[];
  },
): Promise<ImageLive[]> {
  const images: Image[] = [];
  for await (const page of paginateDescribeImages({ client: ec2 }, which)) images.push(...(page.Images ?? []));
  return images.map(read).sort((a, b) => (a.created < b.created ? 1 : -1));
}

function read(found: Image): ImageLive {
  const tags: Tags = readTags(found.Tags);
  const disks = (found.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) =>
    Ebs ? [{ DeviceName, ...Ebs }] : [],
  );
  const root = disks.find(({ DeviceName }) => DeviceName === found.RootDeviceName) ?? disks[0];
  const id = found.ImageId ?? "";
  return {
    id,
    name: found.Name ?? "",
    tags,
    release: tags["multivac:release"] ?? id,
    status: found.State ?? "",
    base: tags["multivac:base"] ?? "",
    architecture: found.Architecture ?? "",
    rootDeviceName: found.RootDeviceName ?? "",
    minVolumeGiB: root?.VolumeSize ?? 0,
    snapshotIds: disks.flatMap(({ SnapshotId }) => SnapshotId ?? []),
    sizeGiB: disks.reduce((sum, { VolumeSize = 0 }) => sum + VolumeSize, 0),
    created: found.CreationDate ?? "",
    deregistrationProtection: found.DeregistrationProtection ?? "disabled",
    sourceInstanceId: found.SourceInstanceId,
    usageOperation: found.UsageOperation,
  };
}
