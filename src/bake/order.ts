import type { HashedFiles } from "../app/release.ts";

/** An operating system that multivac bakes on. */
export type OperatingSystem = "amazon-linux-2023" | "ubuntu-24.04" | "debian-12";

/** Everything a bake needs to know. Nothing in it is secret: credentials reach Packer through `env` only. */
export interface BakeOrder {
  /** Tells this bake from all others: the builder carries it as `multivac:bake`. */
  id: string;
  /** The AMI's name, unique in account and region. */
  imageName: string;
  /** Set on builder, volume, key pair and security group at once, and on image and snapshots. */
  tags: Record<string, string>;
  /** What is baked upon: an image of the system, or a base image of the stack, which has all but the app itself. */
  base: { imageId: string; os: OperatingSystem; sshUser: string; layered?: boolean };
  builder: {
    instanceType: string;
    vpcId: string;
    subnetId: string;
    /** Its disk, where it is to be larger than the image's; what is baked cannot be launched on a smaller one. */
    rootVolume?: { device: string; sizeGiB: number } | undefined;
    /** How Packer reaches the builder. */
    sshInterface: "public_ip" | "private_ip";
    /** The CIDR that SSH to the builder is open to: the address that bakes. */
    sshFrom: string;
  };
  app: {
    /** Absolute folder. */
    path: string;
    /** Relative POSIX paths of exactly the files that belong to the release (regular files and symlinks). */
    files: readonly string[];
    /** What the release is named after: each file is packed as it was then, or nothing is baked. Undefined where it has no such name. */
    hashed: HashedFiles | undefined;
    module?: string | undefined;
    command?: string | undefined;
    /** Relative to `path`. */
    requirements?: string | undefined;
    /** The files that pip reads for them; undefined where it needs the app itself. */
    requirementFiles?: readonly string[] | undefined;
    packages: readonly string[];
  };
  timezone: string;
  region: string;
  /** A custom EC2 endpoint, when one is set. */
  endpoint?: string | undefined;
  /** Environment for Packer: resolved AWS credentials and nothing else of AWS's. */
  env: Record<string, string>;
  /** Absolute path of the file that gets the full log. */
  logFile: string;
  /** Makes the base image of the running builder, once all but the app is there; the bake goes on when it resolves. */
  keepBase?: (() => Promise<void>) | undefined;
  /** Told the image's id once it is whole: the bake then only takes down its builder. */
  onImage?: ((imageId: string) => void) | undefined;
}
