import { writeFile } from "node:fs/promises";
import { arch } from "node:os";

/** The one public image of the sandbox, as Debian publishes its own. */
export const baseImage = {
  id: "ami-0a1b2c3d4e5f60718",
  name: "debian-12-sandbox",
  ownerId: "136693071363",
  /** EC2 shows it of every publisher that Amazon has verified ("Verified provider", EC2 user guide). */
  ownerAlias: "amazon",
  rootDeviceName: "/dev/xvda",
  creationDate: "2025-01-01T00:00:00.000Z",
} as const;

function hostArchitecture(): "arm64" | "x86_64" {
  return arch() === "arm64" ? "arm64" : "x86_64";
}

/** Writes the file that moto takes its images from. It bears no date: moto cannot read one twice. */
export async function writeBaseImages(path: string): Promise<void> {
  const image = {
    ami_id: baseImage.id,
    name: baseImage.name,
    description: "Debian 12 (bookworm), the sandbox's base image",
    owner_id: baseImage.ownerId,
    public: true,
    virtualization_type: "hvm",
    architecture: hostArchitecture(),
    state: "available",
    image_type: "machine",
    image_location: `${baseImage.ownerId}/${baseImage.name}`,
    hypervisor: "xen",
    root_device_name: baseImage.rootDeviceName,
    root_device_type: "ebs",
    sriov: "simple",
  };
  await writeFile(path, JSON.stringify([image]));
}
