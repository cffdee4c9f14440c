import { createHash } from "node:crypto";
import { hashAppSource, releaseName } from "../app/release.ts";
import type { AppSource } from "../app/source.ts";
import type { Aws } from "../aws/aws.ts";
import { type Architecture, architectureOf, newestBaseImage } from "../aws/base-image.ts";
import { orMissing } from "../aws/wait.ts";
import { releaseInputs } from "../bake/release-inputs.ts";
import type { Config } from "../config/schema.ts";
import type { Seen } from "../engine/look.ts";
import { Failure } from "../failure.ts";
import type { Inputs } from "../inputs.ts";
import type { Report } from "../progress.ts";
import { type BaseImageLive, baseImage } from "../resources/base-image.ts";
import { type ImageLive, image, isRelease, readImages, releasesOf } from "../resources/image.ts";
import { type LaunchTemplateLive, launchTemplate } from "../resources/launch-template.ts";
import type { SandboxRecord } from "../sandbox/record.ts";
import type { Stack } from "../stack.ts";
import { bakeOf } from "./bake.ts";
import { type Base, layerOf } from "./layer.ts";

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

  const [digest, inputs, base] = await Promise.all([hashAppSource(source), releaseInputs(), chooseBase(choice, seen)]);
  const { os, timezone } = config.image;
  const { module, command, requirements, packages } = config.app;
  const release = releaseName({
    app: digest,
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
  const standsOn = { app: config.app, source, base, os, timezone };
  const bases = (seen.get(baseImage)?.owned ?? []) as BaseImageLive[];
  const layer = await layerOf(stack, standsOn, inputs, bases);
  const images = (seen.get(image)?.owned ?? []) as ImageLive[];
  const baked = releasesOf(images).some((one) => one.release === release);
  return { release, base, layer, baked, ...bakeOf(choice, { ...standsOn, release, layer }) };
}

/**
 * The base of the image in use, else of the newest that was baked; the publisher's newest when there is none or it is too
 * old. Where the publisher has none that is newer, the same one with the updates that there are by now.
 */
async function chooseBase(choice: ImageChoice, seen: Seen): Promise<Base> {
  const { aws, config, base: wanted, now } = choice;
  if (typeof wanted === "object") return wanted;
  const images = ((seen.get(image)?.owned ?? []) as ImageLive[]).filter(isRelease);
  const [template] = (seen.get(launchTemplate)?.owned ?? []) as LaunchTemplateLive[];
  const sameSystem = images.filter(({ tags, base }) => base && tags["multivac:os"] === config.image.os);
  const used = sameSystem.find(({ id }) => id === template?.imageId) ?? sameSystem[0];
  const inUse: Base | undefined = used && { id: used.base, refreshed: used.tags["multivac:refreshed"] };
  const { maxBaseAgeDays } = config.image;
  const tooOld = wanted === "newest" || (used && (await isOlder(aws, used.base, maxBaseAgeDays)));
  if (used && inUse && !tooOld && template?.instanceType === config.instances.type) return inUse;

  const architecture = await architectureOf(aws, config.instances.type);
  if (used && inUse && !tooOld && used.architecture === architecture) return inUse;
  const id = await newestOf(choice, architecture);
  if (wanted === "newest") return { id, refreshed: now };
  if (!inUse || id !== inUse.id) return { id };
  const bases = (seen.get(baseImage)?.owned ?? []) as BaseImageLive[];
  const updated = inUse.refreshed ?? bases.find(({ base }) => base === id)?.created;
  return updated && ageDays(updated, now) > (maxBaseAgeDays ?? Infinity) ? { id, refreshed: now } : inUse;
}

/** The publisher's newest image. The sandbox has one alone, and machines of this host's architecture only. */
async function newestOf({ aws, config, sandbox }: ImageChoice, architecture: Architecture): Promise<string> {
  if (!sandbox) return await newestBaseImage(aws, config.image.os, architecture);
  const only = await readGiven(aws, sandbox.baseImageId);
  refuseOther(only, config.instances.type, architecture);
  return only.id;
}

function ageDays(since: string, now: string): number {
  return (Date.parse(now) - Date.parse(since)) / (24 * 3600 * 1000);
}

/** Whether a base image is older than so many days; one that its publisher has withdrawn is. */
async function isOlder(aws: Aws, id: string, days: number | null): Promise<boolean> {
  if (days === null) return false;
  const found = await orMissing(
    readImages(aws, { ImageIds: [id] }),
    "InvalidAMIID.NotFound",
    "InvalidAMIID.Unavailable",
  );
  const created = found?.[0]?.created;
  return !created || Date.now() - Date.parse(created) > days * 24 * 3600 * 1000;
}

async function readGiven(aws: Aws, id: string): Promise<ImageLive> {
  const missing = ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"];
  const [one] = (await orMissing(readImages(aws, { ImageIds: [id] }), ...missing)) ?? [];
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
