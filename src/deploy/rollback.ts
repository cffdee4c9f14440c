import type { Aws } from "../aws/aws.ts";
import { architectureOf } from "../aws/base-image.ts";
import { withRelease } from "../bake/user-data.ts";
import type { Found, Seen } from "../engine/look.ts";
import { makePlan, type Plan } from "../engine/plan.ts";
import type { AnyResource } from "../engine/resource.ts";
import { Failure } from "../failure.ts";
import type { Inputs } from "../inputs.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import type { ImageLive } from "../resources/image.ts";
import { type LaunchTemplateLive, launchTemplate, rootVolume } from "../resources/launch-template.ts";
import type { Stack } from "../stack.ts";
import type { Releases } from "./releases.ts";
import type { Standing } from "./standing.ts";

/**
 * The image of the release that was asked for; without one, of the launch template version before that has another. An
 * older one is not taken in the place of one that is gone: it has to be asked for.
 */
export function chooseRelease({ images, versions, live }: Releases, wanted: string | undefined): ImageLive {
  const there = images.map(({ id, release }) => (id === release ? id : `${release} (${id})`)).join(", ");
  if (wanted !== undefined) {
    const named = images.filter(({ id, release }) => wanted === release || wanted === id);
    const found = named.find(({ id }) => id === live?.imageId) ?? named[0];
    if (found) return found;
    throw new Failure({
      code: "release-not-found",
      message: `There is no release ${wanted}.`,
      reason: there ? `There are: ${there}.` : "There are none.",
      fix: "Choose one of those that are there: multivac releases",
    });
  }
  const before = versions.find(
    ({ version, imageId }) => Number(version) < Number(live?.version ?? 0) && imageId !== live?.imageId,
  );
  const found = images.find(({ id }) => id === before?.imageId);
  if (found) return found;
  throw new Failure({
    code: "no-earlier-release",
    message: before ? "The release before is not there any more." : "There is no earlier release to roll back to.",
    reason: before
      ? `Its image ${before.imageId}, of launch template version ${before.version}, cannot be launched.`
      : "No launch template version before the live one has another image.",
    fix: `Name a release${there ? ` (there are: ${there})` : ""}; see what is there: multivac releases`,
  });
}

/** A rollback that was planned: launch template and group alone, everything else stays. */
export interface Rollback {
  plan: Plan;
  inputs: Inputs;
  template: AnyResource;
  group: AnyResource;
}

/** What a rollback would do: what serves now, with nothing but the image and its release changed. Changes nothing. */
export async function planRollback(
  aws: Aws,
  stack: Stack,
  seen: Seen,
  { serving }: Standing,
  to: ImageLive,
): Promise<Rollback> {
  const architecture = await architectureOf(aws, serving.instanceType);
  if (to.architecture && to.architecture !== architecture) throw otherArchitecture(to, serving.instanceType);

  const template: typeof launchTemplate = {
    ...launchTemplate,
    dependsOn: [],
    show: { userData: () => "(the release's name)" },
    // Compared with the newest version, which may be one that failed.
    desired: () => launchedBy(serving, to),
  };
  const group: typeof autoScalingGroup = {
    ...autoScalingGroup,
    dependsOn: [template],
    desired: (_inputs, need, live) =>
      live && {
        ...live,
        launchTemplateId: need(template).id,
        launchTemplateVersion: need(template).version,
        runningVersion: need(template).launches,
      },
  };
  // No config is needed: neither of the two asks for it.
  const inputs: Inputs = { stack, image: { named: to }, config: undefined as never };
  const none = { owned: [], foreign: [] };
  const found = new Map<AnyResource, Found>([
    [template, seen.get(launchTemplate) ?? none],
    [group, seen.get(autoScalingGroup) ?? none],
  ]);
  return { plan: makePlan([template, group], found, inputs), inputs, template, group };
}

/** How the serving version launches instances, with the other image. */
function launchedBy(
  { id: _, version: _v, versions: _all, launches: _l, ...serving }: LaunchTemplateLive,
  to: ImageLive,
) {
  const [, size] = serving.rootVolume.split(" ");
  const script = Buffer.from(serving.userData, "base64").toString();
  return {
    ...serving,
    imageId: to.id,
    rootVolume: rootVolume(to.rootDeviceName, Math.max(Number(size), to.minVolumeGiB)),
    userData: Buffer.from(withRelease(script, to.release)).toString("base64"),
    instanceTags: { ...serving.instanceTags, "multivac:release": to.release },
  };
}

function otherArchitecture({ id, release, architecture }: ImageLive, instanceType: string): Failure {
  return new Failure({
    code: "architecture-mismatch",
    message: `The release ${release} (${id}) is for ${architecture}, and ${instanceType} is not.`,
    reason: "An instance boots images of its own architecture only.",
    fix: "Set instances.type to one of that architecture and deploy, or choose another release: multivac releases",
  });
}
