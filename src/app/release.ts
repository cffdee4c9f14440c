import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { AppSource } from "./source.ts";

/** How many files are read at the same time. */
const parallelReads = 32;

/** The hash of an app's files: paths, contents, executable bits and link targets. Order on disk and times do not count. */
export async function hashAppSource({ root, files }: AppSource): Promise<string> {
  const digests: string[] = new Array(files.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < files.length; index = next++) {
      const file = files[index];
      if (!file) continue;
      const content = file.target ?? (await hashFile(path.join(root, file.path)));
      digests[index] = JSON.stringify([file.path, file.type, file.executable, content]);
    }
  };
  await Promise.all(Array.from({ length: parallelReads }, worker));
  return createHash("sha256").update(digests.join("\n")).digest("hex");
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** A release's name: 12 hex digits over everything that goes into its image. `parts` must be plain JSON. */
export function releaseName(parts: object): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}
