import { DescribeImagesCommand, DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { readTags, stackFilters } from "../aws/tags.ts";
import { waitFor } from "../aws/wait.ts";
import type { Doing } from "../engine/resource.ts";
import { madeByOthers } from "../engine/taken.ts";
import { Failure, sameCommand } from "../failure.ts";
import { image, readImages } from "../resources/image.ts";
import { isOwned, type Stack } from "../stack.ts";
import { takeDownBuilder } from "./builder.ts";

/** This account's images, also those that somebody has disabled, which keep their names. */
const own = { Owners: ["self"], IncludeDisabled: true };

type Way = Pick<Doing, "aws" | "stack" | "signal" | "progress">;

/** How long an image that a dead bake has left may take to be gone, in seconds. */
const limitSeconds = 300;

/**
 * Makes way for a bake: builders of this stack's bakes that died go, and images that one of them has left under the
 * names. Right only for whoever holds the stack's lock. Throws a `Failure` when a name is somebody else's, or does not get
 * free.
 */
export async function makeWay(way: Way, imageNames: readonly string[]): Promise<void> {
  const { aws, stack, progress, signal } = way;
  const builders = await readBuilders(aws, stack);
  const dead = new Set(builders.flatMap(({ bake, ended }) => (ended ? [] : bake)));
  await Promise.all([...dead].map((bake) => takeDownBuilder(aws, bake, progress)));
  const ids = new Set(builders.map(({ id }) => id));
  let left: Awaited<ReturnType<typeof imagesNamed>> = [];
  const free = async () => {
    left = await imagesNamed(aws, imageNames);
    if (left.length === 0) return true;
    for (const { id, name, tags, source } of left) {
      if (!isOwned(stack, tags) && !ids.has(source)) throw madeByOthers("image", name, id);
      progress(`taking away ${id}, which a dead bake has left`);
      const [live] = await readImages(aws, { ...own, Filters: [{ Name: "image-id", Values: [id] }] });
      const doing = { ...way, report: () => undefined, gently: true, stays: () => undefined, goes: () => true };
      if (live) await image.delete?.(doing, live);
    }
    return undefined;
  };
  if (await waitFor(free, { limitSeconds, signal, progress, pause: { first: 1, longest: 5 } })) return;
  throw new Failure({
    code: "still-deleting",
    message: `AWS still lists what a dead bake has left after ${limitSeconds / 60} minutes, so that nothing new can have its name.`,
    reason: left.map(({ id, name }) => `${id} is named ${name}.`).join(" "),
    fix: `Look at it in EC2, deregister it there if need be, then run again: ${sameCommand}`,
    exitCode: 3,
  });
}

/** The builders of the stack's bakes, also those that have ended and that EC2 still tells of. */
async function readBuilders({ ec2 }: Aws, stack: Stack): Promise<{ id: string; bake: string[]; ended: boolean }[]> {
  const Filters = [...stackFilters(stack), { Name: "tag-key", Values: ["multivac:bake"] }];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId = "", Tags, State }) => ({
    id: InstanceId,
    bake: [readTags(Tags)["multivac:bake"] ?? []].flat(),
    ended: State?.Name === "terminated",
  }));
}

async function imagesNamed({ ec2 }: Aws, names: readonly string[]) {
  const Filters = [{ Name: "name", Values: [...names] }];
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ ...own, Filters }));
  return Images.map(({ ImageId = "", Name = "", Tags, SourceInstanceId = "" }) => ({
    id: ImageId,
    name: Name,
    tags: readTags(Tags),
    source: SourceInstanceId,
  }));
}
