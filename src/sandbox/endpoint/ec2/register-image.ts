import { DescribeImagesCommand, type EC2Client } from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import { baseImage } from "../base-image.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import { text } from "../xml.ts";
import type { Images } from "./images.ts";

/** `RegisterImage` of a snapshot that is there; and no snapshot goes that an image uses. */
export function registerImage({ ec2, images }: { ec2: EC2Client; images: Images }): Handler[] {
  return [
    {
      service: "ec2",
      action: "RegisterImage",
      after(call, result) {
        const parameters = parametersOf(call);
        const [disk] = parameters.groups("BlockDeviceMapping");
        const snapshotId = disk?.group("Ebs")?.optional("SnapshotId");
        if (!snapshotId) return;
        const source = images.ofSnapshot(snapshotId);
        images.add(text(result.imageId), {
          rootDeviceName: parameters.optional("RootDeviceName") ?? baseImage.rootDeviceName,
          volumeId: source?.volumeId ?? "",
          volumeGiB: source?.volumeGiB ?? 8,
          volumeType: source?.volumeType ?? "gp3",
          encrypted: source?.encrypted ?? false,
          sourceInstanceId: "",
          snapshotId,
        });
      },
    },
    {
      service: "ec2",
      action: "DeleteSnapshot",
      async before(call) {
        const id = parametersOf(call).text("SnapshotId");
        const users = images.usingSnapshot(id);
        if (users.length < 2) return;
        const { Images: own = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
        const user = users.find((imageId) => own.some(({ ImageId }) => ImageId === imageId));
        if (!user) return;
        throw new AwsError("InvalidSnapshot.InUse", `The snapshot ${id} is currently in use by ${user}`);
      },
    },
  ];
}
