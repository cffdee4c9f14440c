/**
 * Keeps a closed stdout or stderr from ending the run: `| head` has read enough, progress is lost, and the work goes on. A
 * stdout that cannot be written for another reason is told, and by the exit code.
 */
export function outliveClosedStreams(): void {
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.stderr.write(`stdout cannot be written: ${error.message}\n`);
    process.exitCode = 1;
  });
}
