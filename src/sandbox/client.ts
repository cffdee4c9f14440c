import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../failure.ts";
import type { Report } from "../progress.ts";
import { checkHost } from "./check-host.ts";
import { cleanLeavings, endProcess } from "./clean.ts";
import { foldersOf } from "./folders.ts";
import { withLock } from "./machine/lock.ts";
import { findMotoServer } from "./prerequisites.ts";
import { isRunning, readRecord, type SandboxRecord } from "./record.ts";
import { findSandbox } from "./running.ts";
import { spawnDaemon } from "./spawn-daemon.ts";

export { sandboxStatus } from "./status.ts";

export interface StartOptions {
  id: string;
  /** With real machines or without; undefined takes a running sandbox as it is and starts one with machines. */
  machines?: boolean | undefined;
  /** The `moto_server` program, if not the one on PATH. */
  motoCommand?: string | undefined;
  report: Report;
}

/** Starts the sandbox unless it runs; two starts at once give one. What a dead daemon has left is cleaned first. */
export async function startSandbox({ id, machines, motoCommand, report }: StartOptions): Promise<SandboxRecord> {
  const folders = foldersOf(id);
  const running = await findSandbox(id);
  if (running) return asAsked(running, machines);
  const host = { machines: machines ?? true, cacheFolder: folders.cache, environment: process.env };
  if (!motoCommand) await checkHost(host);
  return await withLock(folders.lock, async () => {
    const record = await findSandbox(id);
    if (record) return asAsked(record, machines);
    await cleanLeavings(folders.state);
    await mkdir(folders.state, { recursive: true, mode: 0o755 });
    await mkdir(folders.cache, { recursive: true });
    const moto = motoCommand ?? (await findMotoServer(host));
    return await spawnDaemon({ id, machines: host.machines, motoCommand: moto, stateFolder: folders.state, report });
  });
}

export interface StoppedSandbox {
  /** False when there was none. */
  wasRunning: boolean;
  purged: boolean;
}

/** How long the daemon may take to take its machines down. */
const stopLimitSeconds = 60;

/** Takes the sandbox down, also one whose daemon is dead. The cache stays unless it is purged too. */
export async function stopSandbox(
  id: string,
  { purge = false, report }: { purge?: boolean; report?: Report } = {},
): Promise<StoppedSandbox> {
  const folders = foldersOf(id);
  return await withLock(folders.lock, async () => {
    const record = await readRecord(folders.state);
    const wasRunning = record !== undefined && (await isRunning(record.daemon));
    report?.({ type: "start", task: "sandbox" });
    if (record && !(await endProcess(record.daemon, "SIGTERM", stopLimitSeconds))) {
      await endProcess(record.daemon, "SIGKILL", 5);
    }
    await cleanLeavings(folders.state);
    const purged = purge && !(await othersRun(folders.all)) && (await purgeCache(folders.cache));
    report?.({ type: "end", task: "sandbox", outcome: "done", text: wasRunning ? "stopped" : "was not running" });
    return { wasRunning, purged };
  });
}

/** Whether another sandbox has machines, or may have: its images stand on the base root too. */
async function othersRun(all: string): Promise<boolean> {
  const records = await Promise.all((await readdir(all).catch(() => [])).map((id) => readRecord(join(all, id))));
  const living = await Promise.all(records.map(async (one) => one?.machines && (await isRunning(one.daemon))));
  return living.some(Boolean);
}

/** Removes the cached base roots and packages, but for roots that another sandbox's machines stand on. */
async function purgeCache(cacheFolder: string): Promise<boolean> {
  const { removeBaseRoots } = await import("./machine/base-root.ts");
  await mkdir(join(cacheFolder, "base-roots"), { recursive: true });
  const kept = await removeBaseRoots(cacheFolder);
  if (kept.length === 0) await rm(join(cacheFolder, "packages"), { recursive: true, force: true });
  return kept.length === 0;
}

function asAsked(record: SandboxRecord, machines: boolean | undefined): SandboxRecord {
  if (machines === undefined || machines === record.machines) return record;
  throw new Failure({
    code: "sandbox-differs",
    message: `The sandbox ${record.id} runs already, ${record.machines ? "with" : "without"} machines.`,
    reason: "What a sandbox was started with stays until it is stopped.",
    fix: "Set MULTIVAC_SANDBOX to another id for one beside it, or stop this one first: multivac sandbox stop",
  });
}
