import type { Config } from "../config/schema.ts";
import { servingTemplate } from "../deploy/standing.ts";
import type { Seen } from "../engine/look.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";
import { type ImageLive, image as imageResource } from "../resources/image.ts";
import { type LaunchTemplateLive, launchTemplate } from "../resources/launch-template.ts";
import { type LoadBalancerLive, loadBalancer } from "../resources/load-balancer.ts";

/** What of a stack AWS bills as long as it is there. */
export interface Charges {
  /** Availability Zones of the load balancer, each with a public address; undefined where there is none. */
  zones: number | undefined;
  instances: InstanceCharges | undefined;
  /** Of images; undefined where none is there and none will be. */
  snapshots: Snapshots | undefined;
}

export interface Snapshots {
  /** How many there are, and what each of them holds, added up; undefined where that is not known, or none is there yet. */
  there: { count: number; sizeGiB: number } | undefined;
}

/** What was found out about a stack besides what a look sees. */
export interface Facts {
  /** The images that instances boot from, or may. */
  images?: readonly ImageLive[];
  /** Of the stack's images. */
  snapshots?: Snapshots["there"];
  /** How many of its subnets give instances public addresses; unknown is taken for all, as in public subnets. */
  publicAddresses?: PublicAddresses | undefined;
}

/** Where only some subnets give public addresses, how many instances have one is up to Auto Scaling. */
export type PublicAddresses = "all" | "some" | "none";

interface InstanceCharges {
  type: string;
  /** As EC2 bills the image: `RunInstances` is Linux without anything to pay for ("AMI billing information fields", EC2 user guide). */
  operation: string;
  min: number;
  max: number;
  /** Which have a public address of their own. */
  publicAddresses: PublicAddresses;
  volume: { type: string; sizeGiB: number };
}

const linux = "RunInstances";

/** What a config asks for; `image` is the one its instances will boot from, where that is known. */
export function chargesOf(
  { app, image: { id }, instances, network }: Config,
  image: ImageLive | undefined,
  facts: Facts = {},
): Charges {
  const { type, min, max, volumeGiB } = instances;
  const { snapshots, publicAddresses = "all" } = facts;
  return {
    zones: network.subnetIds.length,
    instances: {
      type,
      operation: image?.usageOperation ?? linux,
      min,
      max,
      publicAddresses,
      volume: { type: "gp3", sizeGiB: Math.max(volumeGiB, image?.minVolumeGiB ?? 0) },
    },
    snapshots: snapshots || (app && !id) ? { there: snapshots } : undefined,
  };
}

/** What there is. */
export function chargesNow(seen: Seen, { images = [], snapshots, publicAddresses = "all" }: Facts = {}): Charges {
  const owned = <L>(resource: object) => (seen.get(resource as typeof loadBalancer)?.owned ?? []) as unknown as L[];
  const [balancer] = owned<LoadBalancerLive>(loadBalancer);
  const [group] = owned<AutoScalingGroupLive>(autoScalingGroup);
  const [newest] = owned<LaunchTemplateLive>(launchTemplate);
  const template = newest && group && servingTemplate(newest, group);
  const [, size = "", , type = ""] = template?.rootVolume.split(" ") ?? [];
  const known = snapshots || owned<ImageLive>(imageResource).length > 0;
  return {
    zones: balancer?.subnetIds.length,
    instances: template && {
      type: template.instanceType,
      operation: images.find(({ id }) => id === template.imageId)?.usageOperation ?? linux,
      min: group.minSize,
      max: group.maxSize,
      publicAddresses,
      volume: { type, sizeGiB: Number(size) },
    },
    snapshots: known ? { there: snapshots } : undefined,
  };
}
