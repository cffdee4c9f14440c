import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { execa } from "execa";
import { Failure } from "../../failure.ts";

/** Runs `work` while holding an exclusive lock on the file; the kernel frees it even when this process is killed. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  // `cat` echoes the first line only once `flock` has the lock, and ends with its standard input.
  const holder = execa("flock", [file, "cat"], { buffer: false });
  holder.catch(() => {});
  try {
    const locked = new Promise<void>((resolve, reject) => {
      holder.stdout.once("data", () => resolve());
      holder.once("error", (error: NodeJS.ErrnoException) => reject(error.code === "ENOENT" ? noFlock() : error));
      holder.once("exit", (code) => reject(new Error(`flock ${file} ended with ${code} before it had the lock`)));
    });
    holder.stdin.write("locked\n");
    await locked;
    return await work();
  } finally {
    holder.stdin.end();
    await holder.catch(() => {});
  }
}

function noFlock(): Failure {
  return new Failure({
    code: "missing-prerequisites",
    message: "This machine lacks what the sandbox needs: flock.",
    reason: "It keeps two commands from changing one sandbox at the same time.",
    fix: "Install it: apt-get install --yes --no-install-recommends util-linux",
  });
}
