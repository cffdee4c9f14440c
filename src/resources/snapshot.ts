import { paginateDescribeSnapshots, type Snapshot } from "@aws-sdk/client-ec2";
import { readTags, stackFilters } from "../aws/tags.ts";
import type { Live, Resource } from "../engine/resource.ts";
import { deleteSnapshot, image } from "./image.ts";

/** Snapshots of images; they go with them, but for those of bakes that died. */
export const snapshot: Resource<object, Live> = {
  resource: "snapshot",
  kind: "snapshot",
  dependsOn: [],
  deletedAfter: [image],

  async find({ aws, stack }) {
    const found: Snapshot[] = [];
    const which = { OwnerIds: ["self"], Filters: stackFilters(stack) };
    for await (const page of paginateDescribeSnapshots({ client: aws.ec2 }, which))
      found.push(...(page.Snapshots ?? []));
    return found.map(({ SnapshotId = "", Tags }) => ({ id: SnapshotId, tags: readTags(Tags) }));
  },

  delete: ({ aws, signal }, live) => deleteSnapshot(aws, live.id, signal),
};
