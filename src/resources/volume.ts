import {
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  type Filter,
  paginateDescribeVolumes,
  type Volume,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { tagIndexOf } from "../aws/tag-index.ts";
import { readTags, stackFilters } from "../aws/tags.ts";
import { tagsOf } from "../aws/tags-now.ts";
import { orMissing, whileRefused } from "../aws/wait.ts";
import type { Deletable, Live } from "../engine/resource.ts";
import { type BuilderLive, builder, from, goingWithInstances } from "./builder.ts";
import { instance } from "./instance.ts";

/** Volumes of instances; they go with them, but for those of bakes that died. */
export const volume: Deletable<Live> = {
  resource: "volume",
  kind: "volume",
  dependsOn: [],
  deletedAfter: [instance],

  async find(look) {
    const { aws, stack, at } = look;
    const [index, builders, going] = await Promise.all([tagIndexOf(look), at(builder), goingWithInstances(look)]);
    const left = [...(index.get("volume") ?? [])].some((id) => !going.has(id));
    const tagged = left ? (await readVolumes(aws, stackFilters(stack))).filter(({ id }) => !going.has(id)) : [];
    const known = (id: string) => going.has(id) || tagged.some((one) => one.id === id);
    const ids = builders.flatMap(({ volumeIds }) => volumeIds).filter((id) => !known(id));
    const used = ids.length > 0 ? await readVolumes(aws, [{ Name: "volume-id", Values: ids }]) : [];
    const user = (id: string) => builders.find(({ volumeIds }) => volumeIds.includes(id)) as BuilderLive;
    return [...tagged, ...used.map((one) => ({ ...one, ...from(user(one.id)) }))];
  },

  async delete({ aws, signal, progress }, live) {
    await whileRefused(
      () => orMissing(aws.ec2.send(new DeleteVolumeCommand({ VolumeId: live.id })), "InvalidVolume.NotFound"),
      ["VolumeInUse", "IncorrectState"],
      { limitSeconds: 300, signal, progress, waiting: () => progress("waiting for its instance to let go of it") },
    );
  },

  tagsNow: ({ ec2 }, { id }) =>
    tagsOf(ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] })), { list: "Volumes", field: "VolumeId", id }),
};

async function readVolumes({ ec2 }: Aws, Filters: Filter[]): Promise<Live[]> {
  const found: Volume[] = [];
  for await (const page of paginateDescribeVolumes({ client: ec2 }, { Filters })) found.push(...(page.Volumes ?? []));
  return found.map(({ VolumeId = "", Tags }) => ({ id: VolumeId, tags: readTags(Tags) }));
}
