import { DeleteSnapshotCommand, DeregisterImageCommand, type Image, paginateDescribeImages } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { readTags, stackFilters } from "../aws/tags.ts";
import { errorCode, orMissing, waitFor, whileRefused } from "../aws/wait.ts";
import type { Live, Resource } from "../engine/resource.ts";
import type { Tags } from "../stack.ts";

interface Desired {
  release: string;
  /** How many releases stay, this one counted; not a field of a live image. */
  keep: number;
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
}

/** The machine image of a release, with its snapshots. Made by Packer; every release found is listed. */
export const image: Resource<Desired, ImageLive> = {
  resource: "image",
  kind: "image",
  dependsOn: [],
  verbs: { create: "bake" },

  find: ({ aws, stack }) => readImages(aws, { Owners: ["self"], Filters: stackFilters(stack) }),

  desired: ({ image: wanted, config }) =>
    "named" in wanted ? undefined : { release: wanted.release, keep: config.image.keep },

  /** Beside the release itself, the newest stay; what did not become an image goes. */
  choose(found, { release, keep }) {
    const current = found.find((candidate) => candidate.release === release && candidate.status === "available");
    const others = found.filter((candidate) => candidate !== current);
    const available = others.filter(({ status }) => status === "available");
    const kept = new Set(available.slice(0, keep - 1));
    return { current, surplus: others.filter((candidate) => candidate.status !== "pending" && !kept.has(candidate)) };
  },

  async create({ aws, inputs, signal, progress }) {
    if ("named" in inputs.image) throw new Error("a named image is not baked");
    const id = await inputs.image.bake(signal, progress);
    const read = async () => (await readImages(aws, { ImageIds: [id] })).find(({ status }) => status === "available");
    const made = await waitFor(() => orMissing(read(), "InvalidAMIID.NotFound"), { limitSeconds: 300, signal });
    if (!made) throw new Error(`${id} was baked and is not available`);
    return made;
  },

  async delete({ aws, signal }, live) {
    await orMissing(
      aws.ec2.send(new DeregisterImageCommand({ ImageId: live.id })),
      "InvalidAMIID.NotFound",
      "InvalidAMIID.Unavailable",
    );
    await Promise.all(live.snapshotIds.map((id) => deleteSnapshot(aws, id, signal)));
  },

  state: (live) => live.status,
};

/** Deletes a snapshot once its image's deregistration shows. A shared or otherwise used one stays and is reported. */
export async function deleteSnapshot({ ec2 }: Aws, id: string, signal: AbortSignal): Promise<void> {
  await whileRefused(
    () => orMissing(ec2.send(new DeleteSnapshotCommand({ SnapshotId: id })), "InvalidSnapshot.NotFound"),
    ["InvalidSnapshot.InUse"],
    { limitSeconds: 60, signal },
  ).catch((error) => {
    if (errorCode(error) !== "InvalidSnapshot.InUse") throw error;
  });
}

/** Images as the tool sees them, newest first. */
export async function readImages(
  { ec2 }: Aws,
  which: { Owners?: string[]; ImageIds?: string[]; Filters?: { Name: string; Values: string[] }[] },
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
  };
}
