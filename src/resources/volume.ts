import { DeleteVolumeCommand, paginateDescribeVolumes, type Volume } from "@aws-sdk/client-ec2";
import { readTags, stackFilters } from "../aws/tags.ts";
import { orMissing, whileRefused } from "../aws/wait.ts";
import type { Live, Resource } from "../engine/resource.ts";
import { instance } from "./instance.ts";

/** Volumes of instances; they go with them, but for those of bakes that died. */
export const volume: Resource<object, Live> = {
  resource: "volume",
  kind: "volume",
  dependsOn: [],
  deletedAfter: [instance],

  async find({ aws, stack }) {
    const found: Volume[] = [];
    for await (const page of paginateDescribeVolumes({ client: aws.ec2 }, { Filters: stackFilters(stack) })) {
      found.push(...(page.Volumes ?? []));
    }
    return found.map(({ VolumeId = "", Tags }) => ({ id: VolumeId, tags: readTags(Tags) }));
  },

  async delete({ aws, signal, progress }, live) {
    await whileRefused(
      () => orMissing(aws.ec2.send(new DeleteVolumeCommand({ VolumeId: live.id })), "InvalidVolume.NotFound"),
      ["VolumeInUse", "IncorrectState"],
      { limitSeconds: 300, signal, progress, waiting: () => progress("waiting for its instance to let go of it") },
    );
  },
};
