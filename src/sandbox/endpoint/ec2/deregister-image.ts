import { DeleteSnapshotCommand, DescribeImagesCommand, type EC2Client } from "@aws-sdk/client-ec2";
import type { Machines } from "../../machines.ts";
import { AwsError } from "../aws-error.ts";
import { baseImage } from "../base-image.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";

/** `DeregisterImage`: the machines forget the image, and its snapshot goes with it when asked for. */
export function deregisterImage({ ec2, machines }: { ec2: EC2Client; machines: Machines }): Handler {
  const snapshots = new Map<string, string[]>();
  return {
    service: "ec2",
    action: "DeregisterImage",
    async before(call) {
      const imageId = parametersOf(call).text("ImageId");
      if (imageId === baseImage.id) throw new AwsError("AuthFailure", `Not authorized for image:${imageId}`, 403);
      const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
      const image = Images.find((one) => one.ImageId === imageId);
      const ids = (image?.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
      snapshots.set(call.requestId, ids);
    },
    async after(call, result) {
      const parameters = parametersOf(call);
      const ids = snapshots.get(call.requestId) ?? [];
      snapshots.delete(call.requestId);
      await machines.deleteImage(parameters.text("ImageId"));
      if (!parameters.flag("DeleteAssociatedSnapshots")) return;
      for (const SnapshotId of ids) await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
      result.deleteSnapshotResultSet = ids.map((snapshotId) => ({ snapshotId, returnCode: "success" }));
    },
  };
}
