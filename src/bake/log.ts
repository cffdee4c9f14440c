import { type FileHandle, mkdir, open } from "node:fs/promises";
import path from "node:path";
import { Failure } from "../failure.ts";

/** Opens the bake's log to add to it. */
export async function openLog(file: string): Promise<FileHandle> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    return await open(file, "a", 0o600);
  } catch (error) {
    throw new Failure({
      code: "log-not-writable",
      message: `The bake's log ${file} cannot be written.`,
      reason: (error as Error).message,
      fix: "Make that folder writable, or set XDG_STATE_HOME to another.",
      cause: error,
    });
  }
}
