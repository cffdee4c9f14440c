import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { Failure } from "../../failure.ts";
import { makeControlGroup, planControlGroup, removeControlGroup } from "./control-group.ts";
import { type Bind, haproxyConfig } from "./haproxy-config.ts";
import { forgetMade, recordMade } from "./record.ts";
import type { TargetGroups } from "./target-slots.ts";

export interface HaproxyProcess {
  pid: number;
  socket: string;
  /** Settles when it has ended and its control group is gone. */
  ended: Promise<void>;
  isRunning(): boolean;
  /** Sends commands to the runtime interface, one after another; returns their answers. */
  command(commands: readonly string[]): Promise<string>;
  /** Resolves once it takes no new connection; it finishes what is under way, then ends. */
  stopSoftly(): Promise<void>;
  kill(): Promise<void>;
}

export interface StartHaproxyOptions {
  sandboxId: string;
  stateFolder: string;
  folder: string;
  /** Counts the processes of one balancer. */
  generation: number;
  binds: readonly Bind[];
  groups: TargetGroups;
  /** The process it takes the listening sockets over from, which then finishes its requests and ends. */
  replaces?: HaproxyProcess | undefined;
}

const startLimit = 10_000;

/** Starts a haproxy and resolves once it serves. */
export async function startHaproxy(options: StartHaproxyOptions): Promise<HaproxyProcess> {
  const { sandboxId, stateFolder, folder, generation, replaces } = options;
  const socket = join(folder, `${generation}.sock`);
  const configFile = join(folder, `${generation}.cfg`);
  const { binds, groups } = options;
  await writeFile(configFile, haproxyConfig({ socket, balancer: `multivac-${sandboxId}`, binds, groups }), {
    mode: 0o600,
  });

  const group = await planControlGroup(`multivac-${sandboxId}-haproxy-${generation}`);
  const recorded = { kind: "cgroup", name: `haproxy-${generation}`, paths: group.folders } as const;
  await recordMade(stateFolder, sandboxId, recorded);
  await makeControlGroup(group);
  const handover = replaces?.isRunning() ? ["-x", replaces.socket, "-sf", String(replaces.pid)] : [];
  const [file = "", ...args] = [...group.launcher, "haproxy", "-q", "-db", "-f", configFile, ...handover];
  const child = execa(file, args, {
    stdin: "ignore",
    all: true,
    reject: false,
    cleanup: false,
    detached: true,
    maxBuffer: 1_000_000,
  });
  let running = true;
  let output = "";
  const ended = child.then(async (result) => {
    running = false;
    output = result.all;
    await removeControlGroup(group.folders);
    await forgetMade(stateFolder, recorded);
  });
  const command = (commands: readonly string[]) => ask(socket, commands);
  for (const limit = Date.now() + startLimit; running && Date.now() < limit; await sleep(10)) {
    const pid = await command(["show info"]).then(
      (info) => Number(/^Pid: (\d+)$/m.exec(info)?.[1]),
      () => undefined,
    );
    if (!pid) continue;
    return {
      pid,
      socket,
      ended,
      isRunning: () => running,
      command,
      stopSoftly: async () => {
        child.kill("SIGUSR1");
        // It gives up the runtime interface together with its listeners.
        const stillThere = () =>
          command(["show info"]).then(
            (info) => info !== "",
            () => false,
          );
        for (let round = 0; round < 100 && running && (await stillThere()); round++) await sleep(10);
      },
      kill: async () => {
        await removeControlGroup(group.folders);
        await ended;
      },
    };
  }
  await removeControlGroup(group.folders);
  await ended;
  throw new Failure({
    code: "load-balancer-failed",
    message: "The sandbox's load balancer did not start.",
    reason: output.trim().split("\n").slice(-3).join(" ") || undefined,
    fix: "See whether something else on this host has its address and port (`ss -ltnp`), end that, and try again.",
  });
}

function ask(socket: string, commands: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const connection = connect(socket, () => connection.end(`${commands.join(";")}\n`));
    connection.setEncoding("utf8");
    connection.on("data", (text: string) => {
      answer += text;
    });
    connection.once("end", () => resolve(answer));
    connection.once("error", reject);
  });
}
