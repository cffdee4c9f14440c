import { fstatSync, writeSync } from "node:fs";

/**
 * Writes to stdout now. Node's own stream, which takes a tenth of a short run to make, is asked only where that cannot be
 * done at once, and so waits for a reader that is slow, or tells what is wrong.
 */
export function writeOut(text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(1, rest));
  } catch {
    outliveClosedStdout();
    process.stdout.write(rest);
  }
}

/** Whether stdout is surely no terminal, but a file or a pipe; found out without its stream. */
export function isPlainOut(): boolean {
  try {
    return !fstatSync(1).isCharacterDevice();
  } catch {
    return false;
  }
}

/**
 * Keeps a closed stdout from ending the run: `| head` has read enough. One that cannot be written for another reason is
 * told, and by the exit code.
 */
export function outliveClosedStdout(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.stderr.write(`stdout cannot be written: ${error.message}\n`);
    process.exitCode = 1;
  });
}

/** Keeps a closed stderr from ending the run: progress is lost, and the work goes on. */
export function outliveClosedStderr(): void {
  process.stderr.on("error", () => undefined);
}
