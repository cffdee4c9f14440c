import {
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import type { Machines } from "../../machines.ts";
import { AwsError } from "../aws-error.ts";
import type { Fate } from "../faults/fate.ts";
import type { Handler } from "../handler.ts";
import type { Later } from "../later.ts";
import { parametersOf } from "../parameters.ts";
import { text } from "../xml.ts";
import type { ImageDetails, Images } from "./images.ts";
import type { Instances } from "./instances.ts";

interface CreateImageParts {
  ec2: EC2Client;
  machines: Machines;
  instances: Instances;
  images: Images;
  later: Later;
}

interface Tag {
  Key: string;
  Value: string;
}

/** `CreateImage`: freezes the machine's disk; names are unique and the snapshot has its tags too. */
export function createImage({ ec2, machines, instances, images, later }: CreateImageParts): Handler {
  const snapshotTags = new Map<string, Tag[]>();
  const namesUnderWay = new Set<string>();

  async function checkName(name: string): Promise<void> {
    if (!/^[a-zA-Z0-9()[\] ./\-'@_]{3,128}$/.test(name)) {
      throw new AwsError(
        "InvalidAMIName.Malformed",
        "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'",
      );
    }
    const { Images: own = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
    const taken = own.find(({ Name }) => Name === name);
    if (!taken && !namesUnderWay.has(name)) return;
    throw new AwsError(
      "InvalidAMIName.Duplicate",
      `AMI name ${name} is already in use by AMI ${taken?.ImageId ?? "(pending)"}`,
    );
  }

  /** Keeps an image pending for as long as it shall be. */
  function unfold(details: ImageDetails, { seconds = 0, failure }: Fate): void {
    details.state = "pending";
    later(seconds, async () => {
      details.state = failure === undefined ? undefined : "failed";
      const message = failure || "Server.InternalError: An internal error has occurred while the image was made.";
      if (failure !== undefined) details.stateReason = { code: "Server.InternalError", message };
    });
  }

  return {
    service: "ec2",
    action: "CreateImage",
    async around(call, next) {
      const name = parametersOf(call).text("Name");
      await checkName(name);
      namesUnderWay.add(name);
      try {
        return await next();
      } finally {
        namesUnderWay.delete(name);
      }
    },
    before(call) {
      const form = call.form as URLSearchParams;
      const specifications = parametersOf(call).groups("TagSpecification");
      const tagsFor = (type: string): Tag[] =>
        specifications
          .filter((one) => one.text("ResourceType") === type)
          .flatMap((one) => one.groups("Tag"))
          .map((tag) => ({ Key: tag.text("Key"), Value: tag.optional("Value") ?? "" }));
      snapshotTags.set(call.requestId, tagsFor("snapshot"));
      for (const key of [...form.keys()]) if (key.startsWith("TagSpecification.")) form.delete(key);
      tagsFor("image").forEach(({ Key, Value }, index) => {
        form.set("TagSpecification.1.ResourceType", "image");
        form.set(`TagSpecification.1.Tag.${index + 1}.Key`, Key);
        form.set(`TagSpecification.1.Tag.${index + 1}.Value`, Value);
      });
    },
    async after(call, result) {
      const instanceId = parametersOf(call).text("InstanceId");
      const imageId = text(result.imageId);
      const details = await detailsOf(ec2, images, instanceId, imageId);
      const tags = snapshotTags.get(call.requestId) ?? [];
      snapshotTags.delete(call.requestId);
      if (tags.length > 0) await ec2.send(new CreateTagsCommand({ Resources: [details.snapshotId], Tags: tags }));
      try {
        if (instances.get(instanceId)) await machines.createImage(instanceId, imageId);
      } catch (cause) {
        await ec2.send(new DeregisterImageCommand({ ImageId: imageId }));
        await ec2.send(new DeleteSnapshotCommand({ SnapshotId: details.snapshotId }));
        throw new AwsError("Server.InternalError", `The image could not be made: ${(cause as Error).message}`);
      }
      images.add(imageId, details);
      if (call.fate) unfold(details, call.fate);
    },
  };
}

async function detailsOf(ec2: EC2Client, images: Images, instanceId: string, imageId: string): Promise<ImageDetails> {
  const { Images: made = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  const instance = Reservations[0]?.Instances?.[0];
  const rootDeviceName = images.rootDeviceName(instance?.ImageId ?? "");
  const mappings = instance?.BlockDeviceMappings ?? [];
  const volumeId = mappings.find(({ DeviceName }) => DeviceName === rootDeviceName)?.Ebs?.VolumeId ?? "";
  const { Volumes = [] } = volumeId ? await ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] })) : {};
  return {
    rootDeviceName,
    volumeId,
    volumeGiB: Volumes[0]?.Size ?? 8,
    volumeType: Volumes[0]?.VolumeType ?? "gp3",
    encrypted: Volumes[0]?.Encrypted ?? false,
    sourceInstanceId: instanceId,
    snapshotId: made[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? "",
  };
}
