import { createHash } from "node:crypto";
import type { HashedFiles } from "../app/release.ts";
import type { AppSource } from "../app/source.ts";
import { type ReleaseInput, shapesBase } from "../bake/release-inputs.ts";
import { requirementFiles } from "../bake/requirements.ts";
import type { AppConfig } from "../config/schema.ts";
import type { BaseImageLive } from "../resources/base-image.ts";
import { type Stack, stackKey } from "../stack.ts";

/** The layer below a release: everything but the app's own files. */
export interface Layer {
  /** 12 hex digits over all that shapes it. */
  key: string;
  /** What it is made of, each a short hash; tells what has changed. */
  parts: string;
  /** What its image is called. */
  imageName: string;
  /** The base image that is it, if there is one. */
  image: BaseImageLive | undefined;
  /** Why there is none, in words. */
  why: string;
  /** The files that pip reads for it; undefined where requirements are installed with the app. */
  requirementFiles: readonly string[] | undefined;
}

/** The image of the system that a release comes from. */
export interface Base {
  /** The publisher's image. */
  id: string;
  /** When updates were last asked for on this same image, as ISO 8601; undefined where that never happened. */
  refreshed?: string | undefined;
}

/** Says which layer a release stands on, and finds its base image among the stack's. Reads the app's requirements, not AWS. */
export async function layerOf(
  stack: Stack,
  { app, source, hashed, base, os, timezone }: LayerSource,
  inputs: readonly ReleaseInput[],
  there: readonly BaseImageLive[],
): Promise<Layer> {
  const { requirements, packages, module } = app;
  const read = await requirementFiles({ path: source.root, files: source.files, requirements });
  const contents = (read ?? []).map((file) => [file, hashed.get(file)?.content]);
  const parts = {
    tool: inputs.filter(shapesBase).map(({ path: file, content }) => [file, content.toString("base64")]),
    base,
    "image.os": os,
    "image.timezone": timezone,
    "app.packages": packages,
    "app.requirements": [read ? requirements : undefined, contents],
    "app.module": [module !== undefined, requirements !== undefined],
  };
  const hashes = Object.entries(parts).map(([part, value]) => `${part}=${digest(value, 6)}`);
  const key = digest(hashes, 12);
  const image = there.find((one) => one.layer === key && one.status === "available");
  return {
    key,
    parts: hashes.join(" "),
    imageName: `${stackKey(stack)}-base-${key}`,
    image,
    why: image ? "" : whyNone(hashes, there[0]),
    requirementFiles: read,
  };
}

export interface LayerSource {
  app: AppConfig;
  source: AppSource;
  hashed: HashedFiles;
  base: Base;
  os: string;
  timezone: string;
}

function whyNone(hashes: readonly string[], newest: BaseImageLive | undefined): string {
  if (!newest) return "there is no base image yet";
  const before = (newest.tags["multivac:parts"] ?? "").split(" ");
  const changed = hashes.filter((one) => !before.includes(one)).map((one) => words[one.split("=")[0] ?? ""]);
  return changed.length > 0 ? `changed since ${newest.id}: ${changed.join(", ")}` : `${newest.id} is ${newest.status}`;
}

const words: Record<string, string> = {
  tool: "multivac's playbook or template",
  base: "the system's image or its updates",
  "image.os": "image.os",
  "image.timezone": "image.timezone",
  "app.packages": "app.packages",
  "app.requirements": "app.requirements",
  "app.module": "app.module or app.requirements is new or gone",
};

function digest(value: unknown, length: number): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, length);
}
