import { diskUsed } from "./disk.ts";
import { foldersOf } from "./folders.ts";
import { isRunning, readRecord, type SandboxRecord } from "./record.ts";

interface SandboxInstance {
  id: string;
  state: string;
  imageId: string;
  address: string;
}

export interface SandboxStatus {
  id: string;
  /** `dead`: the daemon was killed; the next start or stop cleans up after it. */
  state: "running" | "absent" | "dead";
  record: SandboxRecord | undefined;
  instances: SandboxInstance[];
  /** In bytes. */
  disk: { state: number; cache: number };
}

/** What there is of a sandbox; changes nothing. */
export async function sandboxStatus(id: string): Promise<SandboxStatus> {
  const folders = foldersOf(id);
  const record = await readRecord(folders.state);
  const running = record !== undefined && (await isRunning(record.daemon));
  const [state, cache] = await Promise.all([diskUsed(folders.state), diskUsed(folders.cache)]);
  return {
    id,
    state: running ? "running" : state > 0 ? "dead" : "absent",
    record: running ? record : undefined,
    instances: running ? await instancesOf(record) : [],
    disk: { state, cache },
  };
}

async function instancesOf({ endpoint }: SandboxRecord): Promise<SandboxInstance[]> {
  const answer = await fetch(`${endpoint}/_multivac/instances`).catch(() => undefined);
  if (!answer?.ok) return [];
  const instances = (await answer.json()) as SandboxInstance[];
  return instances.filter(({ state }) => state !== "terminated");
}
