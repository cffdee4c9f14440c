import type { Aws } from "../aws/aws.ts";
import { filterLimit } from "../aws/filter.ts";
import type { TemplateVersion } from "../aws/launch-template-versions.ts";
import type { Seen } from "../engine/look.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";
import { type ImageLive, image, readImages, releasesOf } from "../resources/image.ts";
import { type LaunchTemplateLive, launchTemplate } from "../resources/launch-template.ts";

export interface Releases {
  /** The images that can be launched, newest first: the stack's own, and others that its launch template has named. */
  images: ImageLive[];
  /** Versions of the launch template that the group uses, newest first. */
  versions: readonly TemplateVersion[];
  /** The version that the group uses; undefined without a group. */
  live: TemplateVersion | undefined;
}

/** What releases there are, and which one serves. `seen` holds the stack's images, launch template and group. */
export async function readReleases(aws: Aws, seen: Seen): Promise<Releases> {
  const own = (seen.get(image)?.owned ?? []) as ImageLive[];
  const [group] = (seen.get(autoScalingGroup)?.owned ?? []) as AutoScalingGroupLive[];
  const templates = (seen.get(launchTemplate)?.owned ?? []) as LaunchTemplateLive[];
  const versions = templates.find(({ id }) => id === group?.launchTemplateId)?.versions ?? [];
  const live = versions.find(({ version }) => version === group?.launchTemplateVersion);

  const known = new Set(own.map(({ id }) => id));
  const others = [...new Set(versions.map(({ imageId }) => imageId))].filter((id) => id && !known.has(id));
  const Filters = [{ Name: "image-id", Values: others.slice(0, filterLimit) }];
  const named = others.length ? await readImages(aws, { Filters }) : [];
  return {
    images: [...releasesOf(own), ...named.filter(({ status }) => status === "available")].sort((a, b) =>
      a.created === b.created ? 0 : a.created < b.created ? 1 : -1,
    ),
    versions,
    live,
  };
}
