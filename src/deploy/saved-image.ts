import { CreateTagsCommand, DescribeImagesCommand, DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { tagList } from "../aws/tags.ts";
import { waitFor } from "../aws/wait.ts";
import type { BakeOrder } from "../bake/order.ts";
import { readImages } from "../resources/image.ts";

/** As long as Packer itself waits for an image, in seconds. */
const limitSeconds = 2400;

/**
 * The image that a bake has made although Packer failed: the answer to its creation got lost, and Packer, asking again,
 * found the name taken. It is whole, as Packer makes it last. Returns its id once it is available and tagged; undefined
 * where there is none, or none that an instance of this very bake is the source of.
 */
export async function savedImage(
  aws: Aws,
  { id: bakeId, imageName, tags }: Pick<BakeOrder, "id" | "imageName" | "tags">,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<string | undefined> {
  const id = await imageOf(aws, bakeId, imageName);
  if (id === undefined) return undefined;
  const ended = async () => {
    const [found] = await readImages(aws, { Owners: ["self"], Filters: [{ Name: "image-id", Values: [id] }] });
    progress(`Packer lost sight of ${id}; waiting for it`);
    return found?.status === "pending" ? undefined : (found ?? "gone");
  };
  const image = await waitFor(ended, { limitSeconds, signal, progress, pause: { first: 1, longest: 5 } });
  if (!image || image === "gone" || image.status !== "available") return undefined;
  const tag = async (resource: string, Resources: string[]) => {
    const Tags = tagList({ ...tags, "multivac:resource": resource });
    if (Resources.length > 0) await aws.ec2.send(new CreateTagsCommand({ Resources, Tags }));
  };
  await Promise.all([tag("image", [id]), tag("snapshot", [...image.snapshotIds])]);
  return id;
}

/** EC2 tells of instances for about an hour after they have ended. */
async function imageOf({ ec2 }: Aws, bakeId: string, name: string): Promise<string | undefined> {
  const [{ Images = [] }, { Reservations = [] }] = await Promise.all([
    ec2.send(new DescribeImagesCommand({ Owners: ["self"], Filters: [{ Name: "name", Values: [name] }] })),
    ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: "tag:multivac:bake", Values: [bakeId] }] })),
  ]);
  const builders = new Set(Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId }) => InstanceId));
  return Images.find(({ SourceInstanceId }) => builders.has(SourceInstanceId))?.ImageId;
}
