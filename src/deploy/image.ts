import { createHash, randomUUID } from "node:crypto";
import { homedir } from "node:os";
import path from "node:path";
import { readCommit } from "../app/git.ts";
import { hashAppSource, releaseName } from "../app/release.ts";
import type { AppSource } from "../app/source.ts";
import type { Aws } from "../aws/aws.ts";
import { architectureOf, baseImages, newestBaseImage } from "../aws/base-image.ts";
import { orMissing } from "../aws/wait.ts";
import type { BakeOrder } from "../bake/order.ts";
import { releaseInputs } from "../bake/release-inputs.ts";
import type { AppConfig, Config } from "../config/schema.ts";
import type { Seen } from "../engine/look.ts";
import { Failure } from "../failure.ts";
import type { Inputs } from "../inputs.ts";
import type { Report } from "../progress.ts";
import { type ImageLive, image, readImages } from "../resources/image.ts";
import { type LaunchTemplateLive, launchTemplate } from "../resources/launch-template.ts";
import type { SandboxRecord } from "../sandbox/record.ts";
import { type Stack, stackKey } from "../stack.ts";
import { takeDownBuilder } from "./builder.ts";
import { makeWay } from "./make-way.ts";
import { savedImage } from "./saved-image.ts";

export interface ImageChoice {
  aws: Aws;
  stack: Stack;
  config: Config;
  source: AppSource | undefined;
  sandbox: SandboxRecord | undefined;
  /** Take the publisher's newest base image, however old the one in use is; or this one. */
  base: "newest" | "in use" | { id: string };
  report: Report;
  kill: AbortSignal;
}

/** The image that a deploy is about: the one named, or the release of the app on the base that the live one has. */
export async function chooseImage(
  choice: ImageChoice,
  seen: Seen,
  named: string | undefined,
): Promise<Inputs["image"]> {
  const { aws, config, source } = choice;
  const id = named ?? config.image.id;
  if (id) return { named: await namedImage(aws, id, config.instances.type) };
  if (!source || !config.app) throw new Error("a config without image.id has an app");

  const [digest, inputs, base] = await Promise.all([hashAppSource(source), releaseInputs(), chooseBase(choice, seen)]);
  const { module, command, requirements, packages } = config.app;
  const release = releaseName({
    app: digest,
    tool: inputs.map(({ path: file, content }) => [file, createHash("sha256").update(content).digest("hex")]),
    base,
    os: config.image.os,
    timezone: config.image.timezone,
    module,
    command,
    requirements,
    packages,
  });
  const bake = bakeWith(choice, { app: config.app, source, release, base });
  return { release, base, bake };
}

/** The base of the image in use, else of the newest that was baked; the publisher's newest when there is none or it is too old. */
async function chooseBase({ aws, config, sandbox, base: wanted }: ImageChoice, seen: Seen): Promise<string> {
  if (typeof wanted === "object") return wanted.id;
  const images = (seen.get(image)?.owned ?? []) as ImageLive[];
  const [template] = (seen.get(launchTemplate)?.owned ?? []) as LaunchTemplateLive[];
  const sameSystem = images.filter(({ tags, base }) => base && tags["multivac:os"] === config.image.os);
  const used = sameSystem.find(({ id }) => id === template?.imageId) ?? sameSystem[0];
  const tooOld = wanted === "newest" || (used && (await isOlder(aws, used.base, config.image.maxBaseAgeDays)));
  if (used && !tooOld && template?.instanceType === config.instances.type) return used.base;

  const architecture = await architectureOf(aws, config.instances.type);
  if (used && !tooOld && used.architecture === architecture) return used.base;
  // The sandbox has one base image, and machines of this host's architecture only.
  if (sandbox) return (await namedImage(aws, sandbox.baseImageId, config.instances.type)).id;
  return await newestBaseImage(aws, config.image.os, architecture);
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

function bakeWith(choice: ImageChoice, what: { app: AppConfig; source: AppSource; release: string; base: string }) {
  return async (stop: AbortSignal, progress: (text: string) => void): Promise<string> => {
    const { bake } = await import("../bake/bake.ts");
    const order = await bakeOrder(choice, what);
    const report: Report = (event) => (event.type === "update" ? progress(event.text) : choice.report(event));
    try {
      await makeWay({ aws: choice.aws, stack: choice.stack, signal: stop, progress }, order.imageName);
      const { imageId } = await bake(order, report, stop, choice.kill);
      return imageId;
    } catch (error) {
      if (choice.kill.aborted) throw error;
      const saved = await afterFailure(choice.aws, order, stop, progress).catch(({ message }: Error) => {
        const text = `What the failed bake has left could not be seen to: ${message} The next deploy or destroy does it.`;
        choice.report({ type: "warning", text });
      });
      if (!saved) throw error;
      return saved;
    }
  };
}

/** The image that was made all the same, if there is one; of the builder nothing is left. */
async function afterFailure(
  aws: Aws,
  order: BakeOrder,
  stop: AbortSignal,
  progress: (text: string) => void,
): Promise<string | undefined> {
  const saved = stop.aborted ? undefined : await savedImage(aws, order, stop, progress);
  // Packer takes its builder down itself, but not always: a crash of it must not cost money.
  await takeDownBuilder(aws, order.id, progress);
  return saved;
}

async function bakeOrder(
  { aws, stack, config, sandbox }: ImageChoice,
  { app, source, release, base }: { app: AppConfig; source: AppSource; release: string; base: string },
): Promise<BakeOrder> {
  const { os, builder, timezone } = config.image;
  const key = stackKey(stack);
  const { accessKeyId, secretAccessKey, sessionToken } = await aws.ec2.config.credentials();
  const commit = await readCommit(source.root);
  return {
    id: randomUUID(),
    imageName: `${key}-${release}`,
    tags: {
      ...config.tags,
      Name: key,
      "multivac:name": stack.name,
      "multivac:environment": stack.environment,
      "multivac:release": release,
      "multivac:base": base,
      "multivac:os": os,
      ...(commit ? { "multivac:commit": commit.commit, "multivac:dirty": `${commit.dirty}` } : {}),
    },
    base: { imageId: base, os, sshUser: baseImages[os].sshUser },
    builder: {
      instanceType:
        builder.instanceType ??
        ((await architectureOf(aws, config.instances.type)) === "arm64" ? "t4g.small" : "t3.small"),
      vpcId: config.network.vpcId,
      subnetId: config.network.subnetIds[0] ?? "",
      sshInterface: sandbox ? "private_ip" : "public_ip",
      sshFrom: `${sandbox?.hostAddress ?? (await publicAddress())}/32`,
    },
    app: {
      path: source.root,
      files: source.files.map((file) => file.path),
      module: app.module,
      command: app.command,
      requirements: app.requirements,
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

/** Where logs go: the user's state folder (XDG Base Directory Specification), so that they never become part of an app. */
function logFolder(env: NodeJS.ProcessEnv): string {
  return path.join(env.XDG_STATE_HOME || path.join(homedir(), ".local", "state"), "multivac", "logs");
}

/** The address that AWS sees this machine at (checkip.amazonaws.com, "EC2 user guide: authorize inbound traffic"). */
async function publicAddress(): Promise<string> {
  const answer = await fetch("https://checkip.amazonaws.com", { signal: AbortSignal.timeout(10_000) }).catch(
    () => undefined,
  );
  const address = answer?.ok ? (await answer.text()).trim() : "";
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return address;
  throw new Failure({
    code: "no-public-address",
    message: "The public IPv4 address of this machine could not be found out.",
    reason: "SSH to the builder is opened only to the address that bakes, which checkip.amazonaws.com tells.",
    fix: "Check that HTTPS to checkip.amazonaws.com works here.",
  });
}

async function namedImage(aws: Aws, id: string, instanceType: string): Promise<ImageLive> {
  const [found, architecture] = await Promise.all([
    orMissing(readImages(aws, { ImageIds: [id] }), "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"),
    architectureOf(aws, instanceType),
  ]);
  const [one] = found ?? [];
  if (!one) {
    throw new Failure({
      code: "image-not-found",
      message: `There is no image ${id} in ${aws.region} that this account may use.`,
      fix: "Check the id and the region, or let its owner share it.",
    });
  }
  if (one.status !== "available") {
    throw new Failure({
      code: "image-not-available",
      message: `The image ${id} is ${one.status}, not available.`,
      fix: "Wait until it is available, or choose another.",
    });
  }
  if (one.architecture && one.architecture !== architecture) {
    throw new Failure({
      code: "architecture-mismatch",
      message: `The image ${id} is for ${one.architecture}, and ${instanceType} is ${architecture}.`,
      fix: `Set instances.type to an ${one.architecture} type, or choose an image for ${architecture}.`,
    });
  }
  return one;
}
