import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inTurns } from "../in-turns.ts";
import type { Balancer, BalancerListener } from "../machines.ts";
import { type Bind, groupName } from "./haproxy-config.ts";
import { type HaproxyProcess, startHaproxy } from "./haproxy-process.ts";
import { removeFolder } from "./mounts.ts";
import { emptySlots, planSlots, slotCommands, slotName, type TargetGroups } from "./target-slots.ts";

export interface CreateBalancerOptions {
  sandboxId: string;
  stateFolder: string;
}

/** One haproxy process and what it has been told. */
interface Generation {
  process: HaproxyProcess;
  binds: readonly Bind[];
  groups: TargetGroups;
}

/**
 * A balancer that is one haproxy. Targets come and go in the running process; when listeners change, a new process takes
 * the listening sockets over and the old one finishes its connections, so that none is refused or cut.
 */
export function createBalancer({ sandboxId, stateFolder }: CreateBalancerOptions): Balancer {
  const folder = join(stateFolder, "haproxy");
  let started = 0;
  let current: Generation | undefined;
  let wanted: readonly BalancerListener[] = [];
  let closed = false;
  const running = new Set<Generation>();
  const inTurn = inTurns();

  async function bringTo(listeners: readonly BalancerListener[]): Promise<void> {
    const before = current?.process.isRunning() ? current : undefined;
    if (listeners.length === 0) {
      current = undefined;
      await before?.process.stopSoftly();
      return;
    }
    const binds = listeners.map(({ address, port, targetGroup }) => ({ address, port, targetGroup }));
    const groups = planGroups(listeners, before?.groups);
    if (before && groups && JSON.stringify(binds) === JSON.stringify(before.binds)) await bringGroupsTo(before, groups);
    else current = await start(binds, groups ?? planGroups(listeners) ?? new Map(), before);
  }

  async function start(binds: readonly Bind[], groups: TargetGroups, before?: Generation): Promise<Generation> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    started += 1;
    const options = { sandboxId, stateFolder, folder, generation: started, binds, groups };
    const process = await startHaproxy({ ...options, replaces: before?.process });
    const generation = { process, binds, groups };
    running.add(generation);
    void process.ended.then(() => {
      running.delete(generation);
      void startAgain(generation);
    });
    return generation;
  }

  /** A process that ended while it was in use, killed from outside, is replaced. */
  async function startAgain(ended: Generation): Promise<void> {
    if (closed || current !== ended) return;
    await sleep(200);
    await inTurn(async () => {
      if (!closed && current === ended) await bringTo(wanted);
    }).catch(() => {});
  }

  return {
    apply: (listeners) =>
      inTurn(async () => {
        wanted = listeners;
        await bringTo(listeners);
      }),
    async requestsUnderWay(targetGroup, targetId) {
      const counts = await Promise.all([...running].map((generation) => requestsIn(generation, targetGroup, targetId)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async close() {
      closed = true;
      await inTurn(async () => {
        await Promise.all([...running].map(({ process }) => process.kill()));
        current = undefined;
        await removeFolder(folder);
      });
    },
  };
}

/** The groups' slots as the listeners want them; undefined when the process has too few slots in one of them. */
function planGroups(listeners: readonly BalancerListener[], before?: TargetGroups): TargetGroups | undefined {
  const groups = new Map<string, NonNullable<ReturnType<typeof planSlots>>>();
  for (const { targetGroup, targets } of listeners) {
    const slots = planSlots(before?.get(targetGroup) ?? emptySlots(targets), targets);
    if (!slots) return undefined;
    groups.set(targetGroup, slots);
  }
  return groups;
}

async function bringGroupsTo(generation: Generation, groups: TargetGroups): Promise<void> {
  const commands = [...groups].flatMap(([name, slots]) =>
    slotCommands(groupName(name), generation.groups.get(name) ?? [], slots),
  );
  generation.groups = groups;
  if (commands.length === 0) return;
  const answer = await generation.process.command(commands);
  // A change of address is answered by what it was; everything else that answers has failed.
  const refused = answer.split("\n").filter((line) => line.trim() && !/chang/.test(line));
  if (refused.length > 0) throw new Error(`haproxy refused ${commands.join("; ")}: ${refused.join(" ")}`);
}

async function requestsIn({ process, groups }: Generation, targetGroup: string, targetId: string): Promise<number> {
  const slots = (groups.get(targetGroup) ?? []).flatMap(({ target }, n) =>
    target?.id === targetId ? [slotName(n)] : [],
  );
  if (slots.length === 0) return 0;
  const [header = "", ...lines] = (await process.command(["show stat"]).catch(() => "")).replace(/^# /, "").split("\n");
  const sessions = header.split(",").indexOf("scur");
  return lines
    .map((line) => line.split(","))
    .filter(([backend, server]) => backend === groupName(targetGroup) && slots.includes(server ?? ""))
    .reduce((sum, row) => sum + Number(row[sessions] ?? 0), 0);
}
