import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import path from "node:path";
import { readCommit } from "../app/git.ts";
import { type Architecture, architectureOf, baseImages } from "../aws/base-image.ts";
import type { BakeOrder } from "../bake/order.ts";
import { Failure, sameCommand } from "../failure.ts";
import type { ImageLive } from "../resources/image.ts";
import { stackKey } from "../stack.ts";
import type { ImageChoice } from "./image.ts";
import type { Base, Layer, LayerSource } from "./layer.ts";

/** A release as far as baking it goes. */
export interface Release extends LayerSource {
  release: string;
  layer: Layer;
  /** The image that a bake begins with, as it was read; undefined where nothing is to be baked. */
  under: ImageLive | undefined;
}

/** The builder's type where the config names none: a small one of the instances' architecture. */
export const usualBuilders: Readonly<Record<Architecture, string>> = { x86_64: "t3.small", arm64: "t4g.small" };

export function imageName({ stack }: Pick<ImageChoice, "stack">, { release }: Pick<Release, "release">): string {
  return `${stackKey(stack)}-${release}`;
}

/** The order of a release's bake. */
export async function bakeOrder(
  { aws, stack, config, sandbox }: ImageChoice,
  { app, source, hashed, release, base, layer, under }: Release,
): Promise<BakeOrder> {
  const { os, builder, timezone } = config.image;
  const key = stackKey(stack);
  const typeOfBuilder = async () =>
    builder.instanceType ?? usualBuilders[await architectureOf(aws, config.instances.type)];
  const [{ accessKeyId, secretAccessKey, sessionToken }, commit, instanceType, address] = await Promise.all([
    credentialsFor(aws),
    readCommit(source.root),
    typeOfBuilder(),
    sandbox?.hostAddress ?? publicAddress(),
  ]);
  return {
    id: randomUUID(),
    imageName: imageName({ stack }, { release }),
    tags: {
      ...systemTags({ stack, config }, base),
      "multivac:release": release,
      ...(commit ? { "multivac:commit": commit.commit, "multivac:dirty": `${commit.dirty}` } : {}),
    },
    base: {
      imageId: layer.image?.id ?? base.id,
      os,
      sshUser: baseImages[os].sshUser,
      layered: layer.image !== undefined,
    },
    builder: {
      instanceType,
      vpcId: config.network.vpcId,
      subnetId: config.network.subnetIds[0] ?? "",
      rootVolume: largerVolume(under, config.instances.volumeGiB),
      sshInterface: sandbox ? "private_ip" : "public_ip",
      sshFrom: `${address}/32`,
    },
    app: {
      path: source.root,
      files: source.files.map((file) => file.path),
      hashed,
      module: app.module,
      command: app.command,
      requirements: app.requirements,
      requirementFiles: layer.requirementFiles,
      packages: app.packages,
    },
    timezone,
    region: aws.region,
    endpoint: aws.endpoint,
    env: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken ? { AWS_SESSION_TOKEN: sessionToken } : {}),
    },
    logFile: path.join(logFolder(process.env), `bake-${key}-${release}.log`),
  };
}

/**
 * The builder has as much room as the instances will have: what fits there must fit where it is baked. Where an image has
 * that much of itself nothing is to be asked for.
 */
function largerVolume(under: ImageLive | undefined, volumeGiB: number): BakeOrder["builder"]["rootVolume"] {
  return under && volumeGiB > under.minVolumeGiB ? { device: under.rootDeviceName, sizeGiB: volumeGiB } : undefined;
}

/** How long a bake may take, in milliseconds. */
const longestBake = 3_600_000;

/** Credentials that last for a bake where they can be had: Packer cannot renew them. */
async function credentialsFor({ ec2 }: ImageChoice["aws"]) {
  const { credentials } = ec2.config;
  const found = await credentials();
  const lasts = !found.expiration || found.expiration.getTime() - Date.now() > longestBake;
  return lasts ? found : await credentials({ forceRefresh: true });
}

/** The tags of an image that comes from a system's image. */
export function systemTags(
  { stack, config }: Pick<ImageChoice, "stack" | "config">,
  base: Base,
): Record<string, string> {
  return {
    ...config.tags,
    Name: stackKey(stack),
    "multivac:name": stack.name,
    "multivac:environment": stack.environment,
    "multivac:base": base.id,
    ...(base.refreshed ? { "multivac:refreshed": base.refreshed } : {}),
    "multivac:os": config.image.os,
  };
}

/** Where logs go: the user's state folder (XDG Base Directory Specification), so that they never become part of an app. */
function logFolder(env: NodeJS.ProcessEnv): string {
  return path.join(env.XDG_STATE_HOME || path.join(homedir(), ".local", "state"), "multivac", "logs");
}

let asked: { address: Promise<string>; until: number } | undefined;

/**
 * The address that AWS sees this machine at (checkip.amazonaws.com, "EC2 user guide: authorize inbound traffic"). It holds
 * for a minute: a machine may move while its run waits for a lock.
 */
export async function publicAddress(): Promise<string> {
  if (asked && performance.now() < asked.until) return await asked.address;
  const address = askForAddress();
  asked = { address, until: performance.now() + 60_000 };
  address.catch(() => {
    asked = undefined;
  });
  return await address;
}

async function askForAddress(): Promise<string> {
  const answer = await fetch("https://checkip.amazonaws.com", { signal: AbortSignal.timeout(10_000) }).catch(
    () => undefined,
  );
  const address = answer?.ok ? (await answer.text()).trim() : "";
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return address;
  throw new Failure({
    code: "no-public-address",
    message: "The public IPv4 address of this machine could not be found out.",
    reason: "SSH to the builder is opened only to the address that bakes, which checkip.amazonaws.com tells.",
    fix: `Check that HTTPS to checkip.amazonaws.com works here, then run again: ${sameCommand}`,
  });
}
