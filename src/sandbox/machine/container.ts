import { readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { Failure } from "../../failure.ts";
import { captureConsole, readConsole } from "./console-log.ts";
import { type ControlGroup, processesOf } from "./control-group.ts";
import { firstUid, uidCount } from "./user-namespace.ts";

export interface Container {
  /** The machine's PID 1 as the host sees it. */
  pid: number;
  /** Settles when the machine is off, with nspawn's exit code. */
  ended: Promise<number | undefined>;
}

export interface ContainerOptions {
  name: string;
  hostname: string;
  root: string;
  group: ControlGroup;
  consoleFile: string;
}

/** What nspawn ends with when the machine rebooted, so that its caller starts it again. */
export const rebooted = 133;
const bootLimit = 30_000;

function nspawnArguments({ name, hostname, root }: ContainerOptions): string[] {
  return [
    "--quiet",
    "--boot",
    `--directory=${root}`,
    `--machine=${name}`,
    `--hostname=${hostname}`,
    "--settings=no",
    "--register=no",
    "--keep-unit",
    `--private-users=${firstUid}:${uidCount}`,
    "--private-users-ownership=off",
    "--private-network",
    "--resolv-conf=off",
    "--timezone=off",
    "--link-journal=no",
    // With `pipe` systemd finds no console and writes nothing.
    "--console=read-only",
    "--setenv=SYSTEMD_COLORS=0",
  ];
}

/** Boots systemd on the root; resolves once it is the PID 1 of its own namespaces. */
export async function bootContainer(options: ContainerOptions): Promise<Container> {
  const { group, consoleFile } = options;
  const [file = "", ...args] = [...group.launcher, "systemd-nspawn", ...nspawnArguments(options)];
  const nspawn = execa(file, args, {
    // The state folder has one owner: no lock files of its own in /run.
    env: { SYSTEMD_NSPAWN_LOCK: "0" },
    stdin: "ignore",
    all: true,
    buffer: false,
    reject: false,
    cleanup: false,
    // A session of its own: a Ctrl-C in the terminal must not reach it.
    detached: true,
  });
  const captured = captureConsole(nspawn.all, consoleFile);
  let running = true;
  const ended = Promise.all([nspawn, captured]).then(([result]) => {
    running = false;
    return result.exitCode;
  });
  for (const limit = Date.now() + bootLimit; running && Date.now() < limit; await sleep(10)) {
    const pid = await findInit(group.folders);
    if (pid !== undefined) return { pid, ended };
  }
  const console = (await readConsole(consoleFile)).trim().split("\n").slice(-3).join(" ");
  throw new Failure({
    code: "machine-did-not-boot",
    message: `The machine ${options.name} did not boot.`,
    reason: console || "Its container ended without a word (systemd-nspawn).",
    fix: "See this host's kernel log (`dmesg`). To begin anew, which takes down all of the sandbox: multivac sandbox stop",
  });
}

/** Removes what a killed nspawn leaves of a machine in /run. */
export async function forgetContainer(name: string): Promise<void> {
  await rmdir(join("/run/systemd/nspawn/propagate", name)).catch(() => {});
}

/** The process of the group that is PID 1 in a namespace of its own and has become systemd. */
async function findInit(folders: readonly string[]): Promise<number | undefined> {
  for (const pid of await processesOf(folders)) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (/^Name:\tsystemd$/m.test(status) && /^NSpid:(\t\d+)+\t1$/m.test(status)) return pid;
  }
  return undefined;
}
