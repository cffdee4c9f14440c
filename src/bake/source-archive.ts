import { createHash } from "node:crypto";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as tar from "tar";
import { appChanged } from "../app/changed.ts";
import type { HashedFile, HashedFiles } from "../app/release.ts";

/**
 * Packs exactly the given files, sorted, owned by nobody, readable by all, executable where their owner may execute them.
 * Times stay: web frameworks tell a browser by them whether a static file has changed.
 */
export async function packSource(folder: string, files: readonly string[], archive: string): Promise<void> {
  const entries = [...files].sort().map((file) => `./${file}`);
  try {
    await tar.create(
      { cwd: folder, file: archive, gzip: true, portable: true, noDirRecurse: true, onWriteEntry },
      entries,
    );
  } catch (error) {
    const { code = "", path: file } = error as NodeJS.ErrnoException;
    if (!["ENOENT", "ENOTDIR", "EOF"].includes(code)) throw error;
    const which = file ? `: ${path.relative(folder, file)}` : "";
    throw appChanged(
      `A file of the app ${code === "EOF" ? "changed" : "disappeared"} while it was packed${which}.`,
      error,
    );
  }
}

/** Throws the `Failure` `app-changed` where an archive does not hold exactly these files as they were hashed. */
export async function checkArchive(archive: string, files: readonly string[], hashed: HashedFiles): Promise<void> {
  const packed = await readArchive(archive);
  const changed = [...new Set([...files, ...packed.keys()])].filter(
    (file) => !isDeepStrictEqual(packed.get(file), hashed.get(file)),
  );
  if (changed.length === 0) return;
  const [first, ...more] = changed.sort();
  const others = more.length > 0 ? ` and ${more.length} more` : "";
  throw appChanged(`Files of the app changed after they were hashed: ${first}${others}.`);
}

async function readArchive(archive: string): Promise<Map<string, HashedFile | undefined>> {
  const found = new Map<string, HashedFile | undefined>();
  const named = (name = "") => path.posix.normalize(name).replace(/\/$/, "");
  await tar.list({
    file: archive,
    onReadEntry(entry) {
      const name = named(entry.path);
      if (entry.type === "SymbolicLink") {
        found.set(name, { type: "symlink", executable: false, content: entry.linkpath ?? "" });
      } else if (entry.type === "Link") {
        // Of a file that stands in the archive already, under its other name.
        found.set(name, found.get(named(entry.linkpath)));
      } else if (entry.type === "File" || entry.type === "OldFile") {
        const hash = createHash("sha256");
        const executable = ((entry.mode ?? 0) & 0o100) !== 0;
        entry.on("data", (data) => hash.update(data));
        entry.on("end", () => found.set(name, { type: "file", executable, content: hash.digest("hex") }));
      } else found.set(name, undefined);
    },
  });
  return found;
}

function onWriteEntry(entry: tar.WriteEntry): void {
  if (entry.type !== "File" || !entry.stat) return;
  entry.stat.mode = (entry.stat.mode & ~0o7777) | (entry.stat.mode & 0o100 ? 0o755 : 0o644);
}
