import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { orMissing } from "../aws/wait.ts";
import type { Config } from "../config/schema.ts";
import { look, type Seen } from "../engine/look.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import { whyBackupStays } from "../resources/backup.ts";
import { baseImage } from "../resources/base-image.ts";
import { type ImageLive, image, readImages } from "../resources/image.ts";
import { launchTemplate } from "../resources/launch-template.ts";
import { loadBalancer } from "../resources/load-balancer.ts";
import { taggedSnapshots } from "../resources/snapshot-deletion.ts";
import type { Stack } from "../stack.ts";
import type { Facts, PublicAddresses } from "./charges.ts";

/** What there is of a stack that is billed. */
export interface Looked {
  seen: Seen;
  facts: Facts;
  /** The image that the config's instances will boot from, as far as it is there. */
  image: ImageLive | undefined;
}

/** Looks at what is billed of a stack, and at what of its config only AWS can tell. Changes nothing. */
export async function lookAtCharged(aws: Aws, stack: Stack, config: Config): Promise<Looked> {
  const parts = [image, baseImage, loadBalancer, launchTemplate, autoScalingGroup];
  const [seen, named, publicAddresses, snapshots] = await Promise.all([
    look(aws, stack, parts),
    readNamed(aws, config.image.id),
    readPublicAddresses(aws, config.network.subnetIds),
    taggedSnapshots(aws, stack),
  ]);
  const ours = snapshots.filter((one) => !whyBackupStays(one));
  const images = (seen.get(image)?.owned ?? []) as ImageLive[];
  const sizeGiB = ours.reduce((sum, one) => sum + one.sizeGiB, 0);
  return {
    seen,
    image: config.image.id ? named : images[0],
    facts: {
      images: [...images, ...(named ? [named] : [])],
      publicAddresses,
      ...(ours.length > 0 ? { snapshots: { count: ours.length, sizeGiB } } : {}),
    },
  };
}

async function readNamed(aws: Aws, id: string | undefined): Promise<ImageLive | undefined> {
  if (!id) return undefined;
  const missing = ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"];
  return (await orMissing(readImages(aws, { ImageIds: [id] }), ...missing))?.[0];
}

/** How many subnets give what is launched in them public addresses; undefined where they are not there. */
export async function readPublicAddresses(
  { ec2 }: Aws,
  subnetIds: readonly string[],
): Promise<PublicAddresses | undefined> {
  const command = new DescribeSubnetsCommand({ SubnetIds: [...subnetIds] });
  const found = await orMissing(ec2.send(command), "InvalidSubnetID.NotFound", "InvalidSubnetId.NotFound");
  const giving = found?.Subnets?.filter(({ MapPublicIpOnLaunch }) => MapPublicIpOnLaunch).length;
  if (giving === undefined) return undefined;
  return giving === 0 ? "none" : giving === found?.Subnets?.length ? "all" : "some";
}
