import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
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
      // Other work, and Ctrl-C, has its turn between them.
      if (index % 64 === 0) await setImmediate();
      const content = file.target ?? (await hashFile(path.join(root, file.path)));
      digests[index] = JSON.stringify([file.path, file.type, file.executable, content]);
    }
  };
  await Promise.all(Array.from({ length: parallelReads }, worker));
  return createHash("sha256").update(digests.join("\n")).digest("hex");
}

/** Small files are read at once: to stream each of thousands takes twenty times as long. */
const smallBytes = 256 * 1024;

async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  if (statSync(file).size <= smallBytes) return hash.update(readFileSync(file)).digest("hex");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** A release's name: 12 hex digits over everything that goes into its image. `parts` must be plain JSON. */
export function releaseName(parts: object): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}
