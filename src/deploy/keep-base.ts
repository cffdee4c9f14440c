import { CreateImageCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { madeBefore } from "../aws/made-before.ts";
import { tagList } from "../aws/tags.ts";
import { errorCode, waitFor } from "../aws/wait.ts";
import { Failure, sameCommand } from "../failure.ts";
import { readBuilders } from "../resources/builder.ts";
import { basePart, readImages } from "../resources/image.ts";
import { snapshotsMadeFor } from "../resources/snapshot-deletion.ts";
import type { Stack, Tags } from "../stack.ts";

/** How long AWS may take to begin the snapshot, in seconds. */
const limitSeconds = 300;

interface Kept {
  aws: Aws;
  stack: Stack;
  /** The bake whose builder it is made of. */
  bakeId: string;
  name: string;
  tags: Tags;
  signal: AbortSignal;
  progress: (text: string) => void;
}

/**
 * Has AWS make an image of a builder that runs on, and returns when what the builder writes from then on is not in it any
 * more: once the snapshot has begun ("Create Amazon EBS snapshots", EBS user guide). The image is pending then.
 */
export async function keepBase({ aws, stack, bakeId, name, tags, signal, progress }: Kept): Promise<void> {
  const builders = await readBuilders(aws, [{ Name: "tag:multivac:bake", Values: [bakeId] }]);
  const builder = builders.find(({ ended }) => !ended);
  if (!builder) throw notKept("The builder of this bake is not there.");
  const tagged = (resource: string) => tagList({ ...tags, "multivac:resource": resource });
  const make = aws.ec2.send(
    new CreateImageCommand({
      InstanceId: builder.id,
      Name: name,
      NoReboot: true,
      TagSpecifications: [
        { ResourceType: "image", Tags: tagged(basePart) },
        { ResourceType: "snapshot", Tags: tagged("snapshot") },
      ],
    }),
  );
  const id = await make.then(
    ({ ImageId }) => ImageId ?? "",
    async (error) => {
      if (errorCode(error) !== "InvalidAMIName.Duplicate") throw error;
      const Filters = [{ Name: "name", Values: [name] }];
      const read = async () => (await readImages(aws, { Owners: ["self"], Filters }))[0];
      return (await madeBefore(read, { stack, kind: "image", name }, { signal, progress })).id;
    },
  );
  progress(`keeping the base image ${id}`);
  const begun = async () => {
    const Filters = [{ Name: "image-id", Values: [id] }];
    const [found] = await readImages(aws, { Owners: ["self"], Filters });
    if (found?.snapshotIds.length || found?.status === "available") return true;
    return (await snapshotsMadeFor(aws, [id])).length > 0 || undefined;
  };
  if (await waitFor(begun, { limitSeconds, signal, progress, pause: { first: 0.5, longest: 3 } })) return;
  throw notKept(`AWS has not begun its snapshot within ${limitSeconds / 60} minutes.`);
}

function notKept(reason: string): Failure {
  return new Failure({
    code: "bake-failed",
    message: "The base image could not be made.",
    reason,
    fix: `Run again: ${sameCommand}`,
  });
}
