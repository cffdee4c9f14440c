import type { Report } from "../progress.ts";
import { findSandbox, type StoppedSandbox, sandboxId, startSandbox, stopSandbox } from "../sandbox/client.ts";
import type { SandboxRecord } from "../sandbox/record.ts";
import { sandboxStatus as readStatus, type SandboxStatus } from "../sandbox/status.ts";

interface Output {
  report: Report;
}

/** Starts the sandbox, or finds it running. */
export async function sandboxStart(
  { id = sandboxId(), machines }: { id?: string; machines?: boolean | undefined },
  { report }: Output,
): Promise<{ record: SandboxRecord; started: boolean }> {
  const before = await findSandbox(id);
  const record = await startSandbox({ id, machines, report });
  return { record, started: before === undefined };
}

/** Takes the sandbox down; with `purge` the cached base root too. */
export async function sandboxStop(
  { id = sandboxId(), purge = false }: { id?: string; purge?: boolean },
  { report }: Output,
): Promise<StoppedSandbox & { id: string }> {
  return { id, ...(await stopSandbox(id, { purge, report })) };
}

/** Tells what there is of the sandbox. */
export async function sandboxStatus({ id = sandboxId() }: { id?: string }): Promise<SandboxStatus> {
  return readStatus(id);
}
