import { DescribeSnapshotsCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { tagIndexOf } from "../aws/tag-index.ts";
import { tagsOf } from "../aws/tags-now.ts";
import type { Deletable, Live } from "../engine/resource.ts";
import { isOwned, type Tags } from "../stack.ts";
import { otherImage, whyBackupStays } from "./backup.ts";
import { baseImage } from "./base-image.ts";
import { builder, from } from "./builder.ts";
import { builderImage } from "./builder-image.ts";
import { image, readImages } from "./image.ts";
import { deleteSnapshot, readSnapshots, type SnapshotLive, taggedSnapshots } from "./snapshot-deletion.ts";

/** Snapshots of images; they go with them, but for those of bakes that died. Backups of volumes stay. */
export const snapshot: Deletable<Live> = {
  resource: "snapshot",
  kind: "snapshot",
  dependsOn: [],
  deletedAfter: [image, baseImage, builderImage, otherImage],
  find: async (look) => ((await tagIndexOf(look)).has("snapshot") ? await taggedSnapshots(look.aws, look.stack) : []),
  delete: (doing, live) => deleteSnapshot(doing, live.id),
  whyStays: whyBackupStays,
  tagsNow,
};

/** Snapshots of builders' disks that nobody has tagged yet, left behind when a bake dies. */
export const builderSnapshot: Deletable<Live> = {
  resource: "builder-snapshot",
  kind: "snapshot",
  dependsOn: [],
  deletedAfter: [image, builderImage],

  async find({ aws, stack, at }) {
    const [builders, dying] = await Promise.all([at(builder), at(builderImage)]);
    const made = await Promise.all(
      builders.map(async (one) => {
        const lists = await Promise.all([
          readSnapshots(aws, "volume-id", [...one.volumeIds]),
          readSnapshots(aws, "description", [`Created by CreateImage(${one.id}) for *`]),
        ]);
        return lists.flat().map((each) => ({ ...each, ...from(one) }));
      }),
    );
    const found = new Map(made.flat().map((each) => [each.id, each]));
    const untagged = [...found.values()].filter(({ tags }) => !isOwned(stack, tags));
    const used = await usedByOthers(aws, untagged, new Set(dying.map(({ id }) => id)));
    return untagged.filter(({ id }) => !used.has(id));
  },

  delete: (doing, live) => deleteSnapshot(doing, live.id),
  tagsNow,
};

function tagsNow({ ec2 }: Aws, { id }: Live): Promise<Tags | undefined> {
  const answer = ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
  return tagsOf(answer, { list: "Snapshots", field: "SnapshotId", id });
}

/** Those that belong to an image which stays: an image that is tagged takes its own with it, any other is somebody's. */
async function usedByOthers(
  aws: Aws,
  snapshots: readonly SnapshotLive[],
  dying: ReadonlySet<string>,
): Promise<Set<string>> {
  const Values = snapshots.map(({ id }) => id);
  if (Values.length === 0) return new Set();
  const Filters = [{ Name: "block-device-mapping.snapshot-id", Values }];
  const images = await readImages(aws, { Owners: ["self"], IncludeDisabled: true, Filters });
  return new Set(images.flatMap((one) => (dying.has(one.id) ? [] : one.snapshotIds)));
}
