import { fstatSync, statSync, writeSync } from "node:fs";

/**
 * Writes to stdout now. Node's own stream, which takes a tenth of a short run to make, is asked only where that cannot be
 * done at once, and so waits for a reader that is slow, or tells what is wrong.
 */
export function writeOut(text: string): void {
  let rest = Buffer.from(text);
  try {
    while (!isWatched && rest.length > 0) rest = rest.subarray(writeSync(1, rest));
  } catch {
    outliveClosedStdout();
  }
  // What follows on what the stream still holds comes after it.
  if (rest.length > 0) process.stdout.write(rest);
}

/** Whether stdout is surely no terminal, but a file, a pipe or the null device; found out without its stream. */
export function isPlainOut(): boolean {
  try {
    const out = fstatSync(1);
    return !out.isCharacterDevice() || out.rdev === statSync("/dev/null").rdev;
  } catch {
    return false;
  }
}

/**
 * Keeps a closed stdout from ending the run: `| head` has read enough. One that cannot be written for another reason is
 * told, and by the exit code.
 */
export function outliveClosedStdout(): void {
  if (isWatched) return;
  isWatched = true;
  let told = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || told) return;
    told = true;
    process.stderr.write(`stdout cannot be written: ${error.message}\n`);
    process.exitCode = 1;
  });
}

let isWatched = false;

/** Keeps a closed stderr from ending the run: progress is lost, and the work goes on. */
export function outliveClosedStderr(): void {
  process.stderr.on("error", () => undefined);
}
