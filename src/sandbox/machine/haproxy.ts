import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Balancer, BalancerListener } from "../machines.ts";
import { emptyBackend, listenerMap, listenerName } from "./haproxy-config.ts";
import { type HaproxyProcess, startHaproxy } from "./haproxy-process.ts";
import { removeFolder } from "./mounts.ts";
import { type Backend, backendName, emptyBackends, planBackends, slotCommands, slotName } from "./target-slots.ts";

export interface CreateBalancerOptions {
  sandboxId: string;
  stateFolder: string;
}

/** One haproxy process and what it has been told. */
interface Generation {
  process: HaproxyProcess;
  /** Each of its listeners, and the backend it leads to. */
  map: ReadonlyMap<string, string>;
  backends: readonly Backend[];
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
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  }

  async function bringTo(listeners: readonly BalancerListener[]): Promise<void> {
    const backends = planBackends(current?.backends ?? emptyBackends(), listeners);
    // Connections kept alive stay with the process that accepted them, so every one must know the targets.
    await Promise.all([...running].map((generation) => bringGenerationTo(generation, listeners, backends)));
    const bound = [...(current?.map.keys() ?? [])].sort().join();
    if (current?.process.isRunning() && bound === listeners.map(listenerName).sort().join()) return;
    const before = current;
    if (listeners.length > 0) current = await start(listeners, backends);
    else current = undefined;
    if (!current) before?.process.stopSoftly();
  }

  async function start(listeners: readonly BalancerListener[], backends: readonly Backend[]): Promise<Generation> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    started += 1;
    const options = { sandboxId, stateFolder, folder, generation: started, listeners, backends };
    const process = await startHaproxy({ ...options, replaces: current?.process });
    const generation = { process, map: listenerMap(listeners, backends), backends };
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

/** Tells a process what changed for its own listeners, which may be gone by now. */
async function bringGenerationTo(
  generation: Generation,
  listeners: readonly BalancerListener[],
  backends: readonly Backend[],
): Promise<void> {
  const { process } = generation;
  const leads = listenerMap(listeners, backends);
  const map = new Map([...generation.map.keys()].map((name) => [name, leads.get(name) ?? emptyBackend]));
  const changed = [...map].filter(([name, backend]) => generation.map.get(name) !== backend);
  const commands = [
    // Targets before the way to them.
    ...slotCommands(generation.backends, backends),
    ...changed.map(([name, backend]) => `set map ${process.mapFile} ${name} ${backend}`),
  ];
  generation.map = map;
  generation.backends = backends;
  if (commands.length === 0) return;
  const answer = await process.command(commands).catch((error: unknown) => {
    if (process.isRunning()) throw error;
    return "";
  });
  // A change of address is answered by what it was; everything else that answers has failed.
  const refused = answer.split("\n").filter((line) => line.trim() && !/chang/.test(line));
  if (refused.length > 0) throw new Error(`haproxy refused ${commands.join("; ")}: ${refused.join(" ")}`);
}

async function requestsIn({ process, backends }: Generation, targetGroup: string, targetId: string): Promise<number> {
  const servers = new Set(
    backends.flatMap(({ group, slots }, at) =>
      group === targetGroup
        ? slots.flatMap(({ target }, n) => (target?.id === targetId ? [`${backendName(at)},${slotName(n)}`] : []))
        : [],
    ),
  );
  if (servers.size === 0) return 0;
  const [header = "", ...lines] = (await process.command(["show stat"]).catch(() => "")).replace(/^# /, "").split("\n");
  const sessions = header.split(",").indexOf("scur");
  return lines
    .map((line) => line.split(","))
    .filter(([backend, server]) => servers.has(`${backend},${server}`))
    .reduce((sum, row) => sum + Number(row[sessions] ?? 0), 0);
}
