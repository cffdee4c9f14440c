import {
  DescribeImagesCommand,
  DescribeInstanceTypesCommand,
  DescribeKeyPairsCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import type { MotoRead } from "../moto-read.ts";
import type { Images } from "./images.ts";

/** What a launch refers to. */
interface LaunchReferences {
  imageId: string | undefined;
  instanceType: string | undefined;
  keyName?: string | undefined;
  profileName?: string | undefined;
}

export interface LaunchableImage {
  rootDeviceName: string;
  volumeGiB: number;
}

/** Refuses in EC2's words what no instance can be launched from; tells the image's root device. */
export type CheckLaunch = (references: LaunchReferences) => Promise<LaunchableImage>;

export function createLaunchChecks({
  ec2,
  motoRead,
  images,
}: {
  ec2: EC2Client;
  motoRead: MotoRead;
  images: Images;
}): CheckLaunch {
  /** The architectures of instance types, which do not change. */
  const architectures = new Map<string, readonly string[]>();

  async function architecturesOf(instanceType: string): Promise<readonly string[]> {
    const known = architectures.get(instanceType);
    if (known) return known;
    const InstanceTypes = [instanceType as "t3.micro"];
    const found = await ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes })).catch(() => undefined);
    const [type] = found?.InstanceTypes ?? [];
    if (!type) throw new AwsError("InvalidParameterValue", `Invalid value '${instanceType}' for InstanceType.`);
    const supported = type.ProcessorInfo?.SupportedArchitectures ?? [];
    architectures.set(instanceType, supported);
    return supported;
  }

  async function checkImage(imageId: string | undefined, instanceType: string | undefined): Promise<LaunchableImage> {
    if (!imageId) throw new AwsError("MissingParameter", "The request must contain the parameter ImageId");
    const found = await ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] })).catch(() => undefined);
    const [image] = found?.Images ?? [];
    if (!image) throw new AwsError("InvalidAMIID.NotFound", `The image id '[${imageId}]' does not exist`);
    const state = images.get(imageId)?.state;
    if (state)
      throw new AwsError("InvalidAMIID.Unavailable", `The image ID '[${imageId}]' is ${state} and not available`);
    const supported = instanceType ? await architecturesOf(instanceType) : [];
    if (supported.length > 0 && image.Architecture && !supported.includes(image.Architecture)) {
      throw new AwsError(
        "InvalidParameterValue",
        `The architecture '${supported}' of the specified instance type does not match the architecture '${image.Architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
      );
    }
    return { rootDeviceName: images.rootDeviceName(imageId), volumeGiB: images.volumeGiB(imageId) };
  }

  async function checkKeyPair(keyName: string): Promise<void> {
    const found = await ec2.send(new DescribeKeyPairsCommand({ KeyNames: [keyName] })).catch(() => undefined);
    if (!found?.KeyPairs?.length) {
      throw new AwsError("InvalidKeyPair.NotFound", `The key pair '${keyName}' does not exist`);
    }
  }

  async function checkProfile(name: string): Promise<void> {
    await motoRead("iam", "GetInstanceProfile", { InstanceProfileName: name }).catch(() => {
      throw new AwsError(
        "InvalidParameterValue",
        `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
      );
    });
  }

  return async ({ imageId, instanceType, keyName, profileName }) => {
    const image = await checkImage(imageId, instanceType);
    if (keyName) await checkKeyPair(keyName);
    if (profileName) await checkProfile(profileName);
    return image;
  };
}
