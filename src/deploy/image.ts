import { createHash } from "node:crypto";
import { hashAppSource, releaseName } from "../app/release.ts";
import type { AppSource } from "../app/source.ts";
import type { Aws } from "../aws/aws.ts";
import { type Architecture, architectureOf, newestBaseImage } from "../aws/base-image.ts";
import { once } from "../aws/once.ts";
import { orMissing } from "../aws/wait.ts";
import { releaseInputs } from "../bake/release-inputs.ts";
import type { Config } from "../config/schema.ts";
import type { Seen } from "../engine/look.ts";
import { Failure } from "../failure.ts";
import type { Inputs } from "../inputs.ts";
import type { Report } from "../progress.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";
import { type BaseImageLive, baseImage } from "../resources/base-image.ts";
import { type ImageLive, image, isRelease, readImages, releasesOf } from "../resources/image.ts";
import { type LaunchTemplateLive, launchTemplate } from "../resources/launch-template.ts";
import type { SandboxRecord } from "../sandbox/record.ts";
import type { Stack } from "../stack.ts";
import { bakeOf } from "./bake.ts";
import { type Base, layerOf } from "./layer.ts";
import { servingTemplate } from "./standing.ts";

export interface ImageChoice {
  aws: Aws;
  stack: Stack;
  config: Config;
  source: AppSource | undefined;
  sandbox: SandboxRecord | undefined;
  /** Take the publisher's newest base image, however old the one in use is; or this one. */
  base: "newest" | "in use" | Base;
  /** When the command began, as ISO 8601: every look of it goes by the same. */
  now: string;
  report: Report;
  kill: AbortSignal;
}

/** The image that is given by its id, read beside the look at everything else. */
export async function givenImage(
  { aws, config }: ImageChoice,
  id: string,
  looking: Promise<Seen>,
): Promise<Inputs["image"]> {
  const { type } = config.instances;
  const [named, seen] = await Promise.all([readGiven(aws, id), looking]);
  const [template] = (seen.get(launchTemplate)?.owned ?? []) as LaunchTemplateLive[];
  // What is in use together fits together.
  if (template?.imageId !== id || template.instanceType !== type)
    refuseOther(named, type, await architectureOf(aws, type));
  return { named };
}

/** The release of the app on the base that the live one has. */
export async function chooseImage(choice: ImageChoice, seen: Seen): Promise<Inputs["image"]> {
  const { config, source, stack } = choice;
  if (!source || !config.app) throw new Error("a config without image.id has an app");

  const [{ hash, hashed }, inputs, { base, published }] = await Promise.all([
    hashAppSource(source),
    releaseInputs(),
    chooseBase(choice, seen),
  ]);
  const { os, timezone } = config.image;
  const { module, command, requirements, packages } = config.app;
  const release = releaseName({
    app: hash,
    tool: inputs.map(({ path: file, content }) => [file, createHash("sha256").update(content).digest("hex")]),
    base: base.id,
    refreshed: base.refreshed,
    os,
    timezone,
    module,
    command,
    requirements,
    packages,
  });
  const standsOn = { app: config.app, source, hashed, base, os, timezone };
  const bases = (seen.get(baseImage)?.owned ?? []) as BaseImageLive[];
  const layer = await layerOf(stack, standsOn, inputs, bases);
  const images = (seen.get(image)?.owned ?? []) as ImageLive[];
  const baked = releasesOf(images).some((one) => one.release === release);
  const under = layer.image ?? (baked ? undefined : (published ?? (await publishedBase(choice, base.id))));
  return {
    release,
    base,
    layer,
    baked,
    served: servedBefore(seen),
    ...bakeOf(choice, { ...standsOn, release, layer, under }),
  };
}

/** The image that the group uses, then those of the launch template's versions, the newest first: what can be gone back to. */
function servedBefore(seen: Seen): string[] {
  const [template] = (seen.get(launchTemplate)?.owned ?? []) as LaunchTemplateLive[];
  const [group] = (seen.get(autoScalingGroup)?.owned ?? []) as AutoScalingGroupLive[];
  if (!template) return [];
  const inUse = group ? [servingTemplate(template, group).imageId] : [];
  return [...new Set([...inUse, ...template.versions.map(({ imageId }) => imageId)])];
}

/**
 * The base of the image in use, else of the newest that was baked; the publisher's newest when there is none or it is too
 * old. Where the publisher has none that is newer, the same one with the updates that there are by now.
 */
async function chooseBase(choice: ImageChoice, seen: Seen): Promise<ChosenBase> {
  const { aws, config, base: wanted, now } = choice;
  if (typeof wanted === "object") return { base: wanted };
  const images = ((seen.get(image)?.owned ?? []) as ImageLive[]).filter(isRelease);
  const [template] = (seen.get(launchTemplate)?.owned ?? []) as LaunchTemplateLive[];
  const sameSystem = images.filter(({ tags, base }) => base && tags["multivac:os"] === config.image.os);
  const used = sameSystem.find(({ id }) => id === template?.imageId) ?? sameSystem[0];
  const base: Base | undefined = used && { id: used.base, refreshed: used.tags["multivac:refreshed"] };
  const { maxBaseAgeDays } = config.image;
  const tooOld = wanted === "newest" || (used && (await isOlder(aws, used.base, maxBaseAgeDays)));
  if (used && base && !tooOld && template?.instanceType === config.instances.type) return { base };

  const architecture = await architectureOf(aws, config.instances.type);
  if (used && base && !tooOld && used.architecture === architecture) return { base };
  const published = await newestOf(choice, architecture);
  const { id } = published;
  if (wanted === "newest") return { base: { id, refreshed: now }, published };
  if (!base || id !== base.id) return { base: { id }, published };
  const bases = (seen.get(baseImage)?.owned ?? []) as BaseImageLive[];
  const updated = base.refreshed ?? bases.find((one) => one.base === id)?.created;
  const isOld = updated && ageDays(updated, now) > (maxBaseAgeDays ?? Infinity);
  return { base: isOld ? { id, refreshed: now } : base, published };
}

interface ChosenBase {
  base: Base;
  /** The publisher's image, where it was read. */
  published?: ImageLive;
}

/** The publisher's newest image. The sandbox has one alone, and machines of this host's architecture only. */
async function newestOf({ aws, config, sandbox }: ImageChoice, architecture: Architecture): Promise<ImageLive> {
  if (!sandbox) return await newestBaseImage(aws, config.image.os, architecture);
  const only = await readGiven(aws, sandbox.baseImageId);
  refuseOther(only, config.instances.type, architecture);
  return only;
}

/** The publisher's image that a bake is to begin with; a `Failure` where it is not there any more. */
async function publishedBase({ aws }: ImageChoice, id: string): Promise<ImageLive> {
  const found = await readById(aws, id);
  if (found?.status === "available") return found;
  throw new Failure({
    code: "no-base-image",
    message: `${id}, the image of the system that the release in use was made from, is not there any more.`,
    reason:
      'Its publisher has withdrawn it, or "Allowed AMIs" hides it; and nothing that was baked on it holds all that this release needs.',
    fix: "Take the publisher's newest image: multivac deploy --refresh-base",
  });
}

async function readById(aws: Aws, id: string): Promise<ImageLive | undefined> {
  const reading = readImages(aws, { ImageIds: [id] });
  return (await orMissing(reading, "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"))?.[0];
}

function ageDays(since: string, now: string): number {
  return (Date.parse(now) - Date.parse(since)) / (24 * 3600 * 1000);
}

/** Whether a base image is older than so many days; one that its publisher has withdrawn is. */
async function isOlder(aws: Aws, id: string, days: number | null): Promise<boolean> {
  if (days === null) return false;
  const { created } = (await once(aws, `image ${id}`, () => readById(aws, id))) ?? {};
  return !created || Date.now() - Date.parse(created) > days * 24 * 3600 * 1000;
}

async function readGiven(aws: Aws, id: string): Promise<ImageLive> {
  const one = await readById(aws, id);
  if (!one) {
    throw new Failure({
      code: "image-not-found",
      message: `There is no image ${id} in ${aws.region} that this account may use.`,
      reason: "EC2 knows no such id there, or its owner has not shared it with this account.",
      fix: "Check the id and the region, or let its owner share it.",
    });
  }
  if (one.status !== "available") {
    throw new Failure({
      code: "image-not-available",
      message: `The image ${id} is ${one.status}, not available.`,
      reason: "Instances can be launched from an available image only.",
      fix: "Wait until it is available, or choose another.",
    });
  }
  return one;
}

function refuseOther({ id, architecture: own }: ImageLive, type: string, architecture: string): void {
  if (!own || own === architecture) return;
  throw new Failure({
    code: "architecture-mismatch",
    message: `The image ${id} is for ${own}, and ${type} is ${architecture}.`,
    reason: "An instance boots images of its own architecture only.",
    fix: `Set instances.type to an ${own} type, or choose an image for ${architecture}.`,
  });
}
