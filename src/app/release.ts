import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { appChanged } from "./changed.ts";
import type { AppFile } from "./files.ts";
import type { AppSource } from "./source.ts";

/** How many files are read at the same time. */
const parallelReads = 32;

/** What of a file counts for a release. */
export interface HashedFile {
  type: AppFile["type"];
  executable: boolean;
  /** The hash of its content, or what a symlink points to. */
  content: string;
}

/** An app's files as they were read, by path. */
export type HashedFiles = ReadonlyMap<string, HashedFile>;

interface HashedSource {
  hash: string;
  hashed: HashedFiles;
}

/**
 * The hash of an app's files, made once for each reading of them: paths, contents, executable bits and link targets. Order
 * on disk and times do not count.
 * Throws the `Failure` `app-changed` where one is not there any more.
 */
export function hashAppSource(source: AppSource): Promise<HashedSource> {
  const kept = hashes.get(source);
  if (kept) return kept;
  const hashing = hashFiles(source);
  hashes.set(source, hashing);
  return hashing;
}

/** By the reading of an app that they are of. */
const hashes = new WeakMap<AppSource, Promise<HashedSource>>();

async function hashFiles({ root, files }: AppSource): Promise<HashedSource> {
  const contents: string[] = new Array(files.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < files.length; index = next++) {
      const file = files[index];
      if (!file) continue;
      // Other work, and Ctrl-C, has its turn between them.
      if (index % 64 === 0) await setImmediate();
      contents[index] = file.target ?? (await hashFile(root, file.path));
    }
  };
  await Promise.all(Array.from({ length: parallelReads }, worker));
  const hash = createHash("sha256");
  const hashed = new Map<string, HashedFile>();
  for (const [index, { path: file, type, executable }] of files.entries()) {
    const content = contents[index] ?? "";
    hash.update(`${index > 0 ? "\n" : ""}${JSON.stringify([file, type, executable, content])}`);
    hashed.set(file, { type, executable, content });
  }
  return { hash: hash.digest("hex"), hashed };
}

/** Small files are read at once: to stream each of thousands takes twenty times as long. */
const smallBytes = 256 * 1024;

async function hashFile(root: string, relative: string): Promise<string> {
  const file = path.join(root, relative);
  const hash = createHash("sha256");
  try {
    if (statSync(file).size <= smallBytes) return hash.update(readFileSync(file)).digest("hex");
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
  } catch (error) {
    if (!["ENOENT", "ENOTDIR", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    throw appChanged(`A file of the app is not there any more: ${relative}.`, error);
  }
}

/** A release's name: 12 hex digits over everything that goes into its image. `parts` must be plain JSON. */
export function releaseName(parts: object): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}
