import { DescribeInstanceTypesCommand, type InstanceTypeInfo } from "@aws-sdk/client-ec2";
import type { OperatingSystem } from "../bake/order.ts";
import { Failure } from "../failure.ts";
import { type ImageLive, readImages } from "../resources/image.ts";
import type { Aws } from "./aws.ts";
import { once } from "./once.ts";
import { type Partition, partitionOf } from "./partition.ts";
import { errorCode } from "./wait.ts";

export type Architecture = "x86_64" | "arm64";

interface Publisher {
  /** The account that owns its images, in each partition in which it is known. */
  owners: Partial<Record<Partition, string>> | "amazon";
  /** Who logs in to them first. */
  sshUser: string;
  /** What their names match. */
  name(architecture: Architecture): string;
}

/** How to find the images of each system's publisher. */
export const baseImages: Record<OperatingSystem, Publisher> = {
  // Amazon Linux 2023 user guide, "AMI naming": the standard AMI with the default kernel of 2023.
  "amazon-linux-2023": {
    owners: "amazon",
    sshUser: "ec2-user",
    name: (architecture) => `al2023-ami-2023.*-kernel-6.1-${architecture}`,
  },
  // Canonical's accounts; documentation.ubuntu.com, "Find Ubuntu images on AWS".
  "ubuntu-24.04": {
    owners: { aws: "099720109477", "aws-us-gov": "513442679011", "aws-cn": "837727238323" },
    sshUser: "ubuntu",
    name: (architecture) => `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${debianName[architecture]}-server-*`,
  },
  // The Debian cloud team's account; wiki.debian.org/Cloud/AmazonEC2Image/Bookworm.
  "debian-12": {
    owners: { aws: "136693071363" },
    sshUser: "admin",
    name: (architecture) => `debian-12-${debianName[architecture]}-*`,
  },
};

const debianName = { x86_64: "amd64", arm64: "arm64" } as const;

/** Whose images of a system count in a region; undefined where its publisher is not known to offer any. */
export function ownerOf(os: OperatingSystem, region: string): string | undefined {
  const { owners } = baseImages[os];
  return owners === "amazon" ? owners : owners[partitionOf(region)];
}

/** The newest base image of an operating system, the same one all through a run. */
export function newestBaseImage(aws: Aws, os: OperatingSystem, architecture: Architecture): Promise<ImageLive> {
  return once(aws, `newest image of ${os} ${architecture}`, () => readNewest(aws, os, architecture));
}

async function readNewest(aws: Aws, os: OperatingSystem, architecture: Architecture): Promise<ImageLive> {
  const { name } = baseImages[os];
  const owner = ownerOf(os, aws.region);
  if (!owner) {
    throw new Failure({
      code: "no-base-image",
      message: `No base image of ${os} is known in ${aws.region}.`,
      reason: `Which account its publisher has in AWS's partition ${partitionOf(aws.region)} is not known.`,
      fix: "Choose another image.os, or deploy an image of your own: give its id as image.id.",
    });
  }
  const [newest] = await readImages(aws, {
    Owners: [owner],
    Filters: [
      { Name: "name", Values: [name(architecture)] },
      { Name: "architecture", Values: [architecture] },
      { Name: "state", Values: ["available"] },
    ],
  });
  if (newest) return newest;
  throw new Failure({
    code: "no-base-image",
    message: `No base image of ${os} for ${architecture} is offered in ${aws.region}.`,
    reason: `EC2 lists none of owner ${owner} named ${name(architecture)}. Where "Allowed AMIs" is on, an account hides them.`,
    fix: "Choose another image.os or region, or allow the owner in EC2's Allowed AMIs settings.",
  });
}

/** The processor architecture of an instance type. */
export function architectureOf(aws: Aws, type: string): Promise<Architecture> {
  return once(aws, `architecture of ${type}`, () => readArchitecture(aws, type));
}

async function readArchitecture({ ec2 }: Aws, type: string): Promise<Architecture> {
  try {
    const { InstanceTypes = [] } = await ec2.send(
      new DescribeInstanceTypesCommand({ InstanceTypes: [type as NonNullable<InstanceTypeInfo["InstanceType"]>] }),
    );
    return architectureIn(type, InstanceTypes[0]);
  } catch (error) {
    if (errorCode(error) !== "InvalidInstanceType") throw error;
    throw unknownType(type, (error as Error).message);
  }
}

/** The processor architecture that EC2 tells of an instance type. `key` is the config's that names the type. */
export function architectureIn(type: string, info: InstanceTypeInfo | undefined, key?: string): Architecture {
  const supported = info?.ProcessorInfo?.SupportedArchitectures ?? [];
  if (supported.includes("arm64")) return "arm64";
  if (supported.includes("x86_64")) return "x86_64";
  throw unknownType(type, `its architectures are ${supported.join(", ") || "not told"}`, key);
}

export function unknownType(type: string, reason: string, key = "instances.type"): Failure {
  return new Failure({
    code: "unknown-instance-type",
    message: `${type} is not an instance type that multivac can use in this region.`,
    reason,
    fix: `Set ${key} to an x86_64 or arm64 type that EC2 offers there.`,
  });
}
