import { rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning, type ProcessIdentity, readProcess } from "./record.ts";

/** Takes down what a daemon that serves no more has left, and its state folder. */
export async function cleanLeavings(stateFolder: string): Promise<void> {
  // A daemon can still be starting when the command that started it was killed.
  for (const name of ["daemon", "moto"] as const) {
    const recorded = await readProcess(stateFolder, name);
    if (recorded) await endProcess(recorded, "SIGKILL", 5);
  }
  if (process.getuid?.() === 0) {
    const { cleanUp } = await import("./machine/clean-up.ts");
    await cleanUp(stateFolder);
  }
  await rm(stateFolder, { recursive: true, force: true, maxRetries: 3 });
  // The folders above hold other sandboxes, or nothing.
  await rmdir(dirname(stateFolder))
    .then(() => rmdir(dirname(dirname(stateFolder))))
    .catch(() => undefined);
}

/** Signals one process and waits until it is gone; false when it is still there after the limit. */
export async function endProcess(
  process_: ProcessIdentity,
  signal: "SIGTERM" | "SIGKILL",
  limitSeconds: number,
): Promise<boolean> {
  if (!(await isRunning(process_))) return true;
  process.kill(process_.pid, signal);
  const limit = Date.now() + limitSeconds * 1000;
  while (Date.now() < limit) {
    if (!(await isRunning(process_))) return true;
    await sleep(20);
  }
  return !(await isRunning(process_));
}
