import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning, type ProcessIdentity, readChild } from "./record.ts";

/** Takes down what a daemon that does not run any more has left, and its state folder. */
export async function cleanLeavings(stateFolder: string): Promise<void> {
  const child = await readChild(stateFolder);
  if (child) await endProcess(child, "SIGKILL", 5);
  if (process.getuid?.() === 0) {
    const { cleanUp } = await import("./machine/clean-up.ts");
    await cleanUp(stateFolder);
  }
  await rm(stateFolder, { recursive: true, force: true, maxRetries: 3 });
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
