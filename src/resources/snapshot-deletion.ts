import {
  DeleteSnapshotCommand,
  DescribeSnapshotAttributeCommand,
  type Filter,
  paginateDescribeImages,
  paginateDescribeSnapshots,
  type Snapshot,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { readTags, stackFilters } from "../aws/tags.ts";
import { errorCode, orMissing, waitFor } from "../aws/wait.ts";
import type { Doing, Live } from "../engine/resource.ts";
import { isOwned, type Stack } from "../stack.ts";

export interface SnapshotLive extends Live {
  description: string;
  /** Of all that it holds; what it shares with those before it is stored once. Where EC2 does not tell, the volume's. */
  sizeGiB: number;
}

/** How long a snapshot may still count as used by an image that is deregistered, in seconds. */
const limitSeconds = 60;

/**
 * Deletes a snapshot once the deregistration of its image `imageId` shows. One that is shared with another account, or that
 * another image uses, stays, and that is told.
 */
export async function deleteSnapshot(
  { aws, stack, signal, progress, stays }: Doing,
  id: string,
  imageId?: string,
): Promise<void> {
  const { ec2 } = aws;
  const stay = (why: string) => stays({ kind: "snapshot", id, why });
  const sharers = await sharedWith(aws, id);
  if (sharers.length > 0) return stay(`it is shared with ${sharers.join(", ")}`);

  let why = "";
  const gone = async () => {
    try {
      await orMissing(ec2.send(new DeleteSnapshotCommand({ SnapshotId: id })), "InvalidSnapshot.NotFound");
      return true;
    } catch (error) {
      if (errorCode(error) !== "InvalidSnapshot.InUse") throw error;
      why = (error as Error).message;
    }
    const users = (await usersOf(aws, stack, id)).filter((user) => user !== imageId);
    if (users.length === 0) return undefined;
    why = `it is used by ${users.join(", ")}`;
    return false;
  };
  if (!(await waitFor(gone, { limitSeconds, signal, progress }))) stay(why);
}

/** Snapshots that EC2 made for these images: CreateImage tells of its image in the description. */
export async function snapshotsMadeFor(aws: Aws, imageIds: readonly string[]): Promise<SnapshotLive[]> {
  return await readSnapshots(
    aws,
    "description",
    imageIds.map((id) => `Created by CreateImage(*) for ${id}*`),
  );
}

/** The account's snapshots by one of EC2's filters; none without values. */
export async function readSnapshots({ ec2 }: Aws, filter: string, Values: string[]): Promise<SnapshotLive[]> {
  return Values.length > 0 ? await readOwn(ec2, [{ Name: filter, Values }]) : [];
}

/** The snapshots that carry the stack's tags. */
export async function taggedSnapshots({ ec2 }: Aws, stack: Stack): Promise<SnapshotLive[]> {
  return await readOwn(ec2, stackFilters(stack));
}

async function readOwn(client: Aws["ec2"], Filters: Filter[]): Promise<SnapshotLive[]> {
  const found: Snapshot[] = [];
  for await (const page of paginateDescribeSnapshots({ client }, { OwnerIds: ["self"], Filters }))
    found.push(...(page.Snapshots ?? []));
  return found.map(({ SnapshotId = "", Tags, Description = "", FullSnapshotSizeInBytes: bytes, VolumeSize = 0 }) => ({
    id: SnapshotId,
    tags: readTags(Tags),
    description: Description,
    sizeGiB: bytes === undefined ? VolumeSize : bytes / 2 ** 30,
  }));
}

/** The accounts that may make volumes of it, `everybody` where it is public. */
async function sharedWith({ ec2 }: Aws, SnapshotId: string): Promise<string[]> {
  const answer = await orMissing(
    ec2.send(new DescribeSnapshotAttributeCommand({ SnapshotId, Attribute: "createVolumePermission" })),
    "InvalidSnapshot.NotFound",
  );
  return (answer?.CreateVolumePermissions ?? []).map(({ Group, UserId }) =>
    Group ? "everybody" : `account ${UserId}`,
  );
}

/** The images that use a snapshot and are not the stack's, which go themselves. */
async function usersOf({ ec2 }: Aws, stack: Stack, id: string): Promise<string[]> {
  const users: string[] = [];
  const Filters = [{ Name: "block-device-mapping.snapshot-id", Values: [id] }];
  const pages = paginateDescribeImages({ client: ec2 }, { Owners: ["self"], IncludeDisabled: true, Filters });
  for await (const { Images = [] } of pages)
    for (const { ImageId = "", Tags } of Images) if (!isOwned(stack, readTags(Tags))) users.push(ImageId);
  return users;
}
