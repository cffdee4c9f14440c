import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Downloads that never change under their URL: packages, and lists named by their own hash. */
export interface PackageCache {
  open(url: URL): Promise<{ size: number; stream: () => Readable } | undefined>;
  /** Copies the body to the client and keeps it once it has come whole. */
  keep(url: URL, size: number, body: Readable, client: Writable): Promise<void>;
}

const unusedLimit = 30 * 24 * 60 * 60 * 1000;

export function isCacheable({ pathname }: URL): boolean {
  return pathname.endsWith(".deb") || pathname.includes("/by-hash/SHA");
}

/** Opens the cache and drops what nobody has asked for in a month, and the rests of killed downloads. */
export async function openPackageCache(folder: string): Promise<PackageCache> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    const age = Date.now() - (found?.mtimeMs ?? 0);
    if (age > (name.endsWith(".part") ? unusedLimit / 30 : unusedLimit)) await rm(join(folder, name), { force: true });
  }
  const fileOf = (url: URL) => join(folder, createHash("sha256").update(url.href).digest("hex"));
  return {
    async open(url) {
      const file = fileOf(url);
      const found = await stat(file).catch(() => undefined);
      if (!found) return undefined;
      const now = new Date();
      await utimes(file, now, now).catch(() => {});
      return { size: found.size, stream: () => createReadStream(file) };
    },
    async keep(url, size, body, client) {
      const part = `${fileOf(url)}.${randomBytes(4).toString("hex")}.part`;
      const file = await open(part, "wx", 0o600);
      let written = 0;
      try {
        await pipeline(
          body,
          async function* (source: AsyncIterable<Buffer>) {
            for await (const chunk of source) {
              // A full disk costs the copy, not the download: the sizes differ in the end.
              written += await file.write(chunk).then(
                ({ bytesWritten }) => bytesWritten,
                () => 0,
              );
              yield chunk;
            }
          },
          client,
        );
        if (written === size) await rename(part, fileOf(url));
      } finally {
        await file.close();
        await rm(part, { force: true });
      }
    },
  };
}
