import type { StartOptions } from "./client.ts";
import { foldersOf } from "./folders.ts";
import { isRunning, readRecord, type SandboxRecord } from "./record.ts";

export { sandboxId } from "./folders.ts";

/** The record of a sandbox whose daemon runs. */
export async function findSandbox(id: string): Promise<SandboxRecord | undefined> {
  const record = await readRecord(foldersOf(id).state);
  return record && (await isRunning(record.daemon)) ? record : undefined;
}

/** The sandbox, as it runs or else started; what starts one is loaded only for that. */
export async function openSandbox(options: Omit<StartOptions, "machines">): Promise<SandboxRecord> {
  const running = await findSandbox(options.id);
  if (running) return running;
  const { startSandbox } = await import("./client.ts");
  return await startSandbox(options);
}
