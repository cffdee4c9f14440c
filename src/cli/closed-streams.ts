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
