import { AwsError } from "../aws-error.ts";
import { baseImage } from "../base-image.ts";
import type { Handler } from "../handler.ts";
import type { MotoRead } from "../moto-read.ts";
import { parametersOf } from "../parameters.ts";
import { type Element, elements, text } from "../xml.ts";
import { type FilterFields, filtered } from "./filters.ts";
import type { Images } from "./images.ts";
import { only, page } from "./pages.ts";

interface DescribeImagesParts {
  motoRead: MotoRead;
  images: Images;
  /** When the base image was made. */
  baseImageCreated: Date;
}

/** `DescribeImages`: every image stands on EBS, with the snapshot and the root device it really has. */
export function describeImages({ motoRead, images, baseImageCreated }: DescribeImagesParts): Handler {
  return {
    service: "ec2",
    action: "DescribeImages",
    async instead(call) {
      const form = call.form as URLSearchParams;
      const parameters = parametersOf(call);
      const { imagesSet } = await motoRead("ec2", "DescribeImages", only(form, ["ImageId", "Owner", "ExecutableBy"]));
      const found = elements(imagesSet);
      const missing = parameters.list("ImageId").find((id) => !found.some(({ imageId }) => text(imageId) === id));
      if (missing) throw new AwsError("InvalidAMIID.NotFound", `The image id '[${missing}]' does not exist`);
      for (const image of found) complete(image);
      const { items, nextToken } = page(filtered(found, parameters, fields), parameters, { least: 1 });
      return { imagesSet: items, nextToken };
    },
  };

  function complete(image: Element): void {
    const id = text(image.imageId);
    const details = images.get(id);
    const [mapping] = elements(image.blockDeviceMapping);
    const snapshotId = details?.snapshotId ?? text((mapping?.ebs as Element | undefined)?.snapshotId);
    Object.assign(image, {
      ...(details?.state ? { imageState: details.state, stateReason: details.stateReason } : {}),
      ...(details ? { sourceInstanceId: details.sourceInstanceId } : {}),
      rootDeviceType: "ebs",
      rootDeviceName: images.rootDeviceName(id),
      virtualizationType: "hvm",
      enaSupport: true,
      bootMode: undefined,
      platformDetails: "Linux/UNIX",
      usageOperation: "RunInstances",
      deregistrationProtection: images.protection(id).shown,
      blockDeviceMapping: [
        {
          deviceName: images.rootDeviceName(id),
          ebs: {
            deleteOnTermination: true,
            snapshotId,
            volumeSize: images.volumeGiB(id),
            volumeType: details?.volumeType ?? "gp3",
            encrypted: details?.encrypted ?? false,
          },
        },
      ],
    });
    if (id === baseImage.id) {
      image.creationDate = baseImageCreated;
      image.imageOwnerAlias = baseImage.ownerAlias;
    }
  }
}

const one =
  (name: string) =>
  (image: Element): string[] => [text(image[name])];
const ebs =
  (name: string) =>
  (image: Element): string[] =>
    elements(image.blockDeviceMapping).map((mapping) => text((mapping.ebs as Element | undefined)?.[name]));

const fields: FilterFields = {
  architecture: one("architecture"),
  "block-device-mapping.device-name": (image) =>
    elements(image.blockDeviceMapping).map(({ deviceName }) => text(deviceName)),
  "block-device-mapping.encrypted": ebs("encrypted"),
  "block-device-mapping.snapshot-id": ebs("snapshotId"),
  "block-device-mapping.volume-size": ebs("volumeSize"),
  "block-device-mapping.volume-type": ebs("volumeType"),
  "creation-date": one("creationDate"),
  description: one("description"),
  "ena-support": one("enaSupport"),
  hypervisor: one("hypervisor"),
  "image-id": one("imageId"),
  "image-type": one("imageType"),
  "is-public": one("isPublic"),
  name: one("name"),
  "owner-alias": one("imageOwnerAlias"),
  "owner-id": one("imageOwnerId"),
  platform: one("platform"),
  "root-device-name": one("rootDeviceName"),
  "root-device-type": one("rootDeviceType"),
  "source-instance-id": one("sourceInstanceId"),
  state: one("imageState"),
  "virtualization-type": one("virtualizationType"),
};
