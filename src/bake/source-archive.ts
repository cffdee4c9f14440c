import path from "node:path";
import * as tar from "tar";
import { Failure, sameCommand } from "../failure.ts";

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
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const missing = (error as NodeJS.ErrnoException).path;
    throw new Failure({
      code: "app-changed",
      message: `A file of the app disappeared while it was packed${missing ? `: ${path.relative(folder, missing)}` : ""}.`,
      reason: "A release is named after the app's content, which must not change while it is read.",
      fix: `Let what changes it finish, like an editor or a build, then run again: ${sameCommand}`,
      cause: error,
    });
  }
}

function onWriteEntry(entry: tar.WriteEntry): void {
  if (entry.type !== "File" || !entry.stat) return;
  entry.stat.mode = (entry.stat.mode & ~0o7777) | (entry.stat.mode & 0o100 ? 0o755 : 0o644);
}
