import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bootId, startTime } from "../process-identity.ts";

/** One process, named so that no later one can be taken for it. */
export interface ProcessIdentity {
  pid: number;
  startTime: string | undefined;
  bootId: string;
}

export type ProcessName = "daemon" | "moto";

/** What a running sandbox tells of itself, in `sandbox.json` in its state folder. */
export interface SandboxRecord {
  version: 1;
  id: string;
  daemon: ProcessIdentity;
  started: string;
  /** The URL of its AWS. */
  endpoint: string;
  region: string;
  account: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  vpcId: string;
  subnetIds: readonly [string, string];
  baseImageId: string;
  machines: boolean;
  /** The host as machines see it, and where the host's connections to them come from. */
  hostAddress: string;
  /** The loopback block of its load balancers. */
  loopbackBlock: string;
}

const recordFile = (stateFolder: string) => join(stateFolder, "sandbox.json");
const processFile = (stateFolder: string, name: ProcessName) => join(stateFolder, `${name}.json`);

export async function identify(pid: number): Promise<ProcessIdentity> {
  return { pid, startTime: await startTime(pid), bootId: await bootId() };
}

/** True while the very process that is named still runs. */
export async function isRunning({ pid, startTime: started, bootId: boot }: ProcessIdentity): Promise<boolean> {
  if (started === undefined || boot !== (await bootId()) || (await startTime(pid)) !== started) return false;
  // One that was killed and whose parent has not asked after it yet is a zombie.
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return status !== "" && !/^State:\s+[ZX]/m.test(status);
}

export async function writeRecord(stateFolder: string, record: SandboxRecord): Promise<void> {
  const file = recordFile(stateFolder);
  await writeFile(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o644 });
  await rename(`${file}.new`, file);
}

export async function removeRecord(stateFolder: string): Promise<void> {
  await rm(recordFile(stateFolder), { force: true });
}

export async function readRecord(stateFolder: string): Promise<SandboxRecord | undefined> {
  return readJson<SandboxRecord>(recordFile(stateFolder));
}

/** Notes a process as soon as it is there, so that it can be ended by whoever cleans up after it. */
export async function writeProcess(stateFolder: string, name: ProcessName, pid: number): Promise<void> {
  await writeFile(processFile(stateFolder, name), JSON.stringify(await identify(pid)));
}

export async function readProcess(stateFolder: string, name: ProcessName): Promise<ProcessIdentity | undefined> {
  return readJson<ProcessIdentity>(processFile(stateFolder, name));
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}
