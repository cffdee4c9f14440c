import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../failure.ts";
import type { MachineSpec, Machines } from "../machines.ts";
import type { BaseRoot } from "./base-root.ts";
import { readConsole } from "./console-log.ts";
import { bootContainer, type Container, forgetContainer, rebooted } from "./container.ts";
import {
  type ControlGroup,
  freezeControlGroup,
  makeControlGroup,
  planControlGroup,
  removeControlGroup,
} from "./control-group.ts";
import { type MachineFile, prepareFirstBoot } from "./first-boot.ts";
import { createImageLayers, makeUpper } from "./image-layers.ts";
import { untilListening } from "./listening.ts";
import { removeFolder } from "./mounts.ts";
import type { SandboxNetwork } from "./network.ts";
import { mountOverlay, rootOf, unmountOverlay } from "./overlay.ts";
import { forgetMade, recordMade } from "./record.ts";

export interface CreateMachinesOptions {
  sandboxId: string;
  /** Disks, images and records live below it; its path has no space, colon or comma. */
  stateFolder: string;
  baseRoot: BaseRoot;
  /** The AMI ids whose disk is the base root itself. */
  baseImageIds: readonly string[];
  network: SandboxNetwork;
  /** Files that every machine gets before its first boot, like the package proxy's settings. */
  machineFiles: readonly MachineFile[];
}

interface Machine {
  spec: MachineSpec;
  folder: string;
  layers: readonly string[];
  /** What runs; undefined while the machine is off. */
  running?: { container: Container; group: ControlGroup; gone: Promise<void> } | undefined;
  /** Set while the machine goes down because it was told to. */
  toldToStop: boolean;
}

/** Makes the PID 1 of a machine power off in order, as its power button would (SIGRTMIN+4). */
const powerOffSignal = 38;
const powerOffLimit = 10_000;
const sshPort = 22;
/** A machine whose sshd does not listen by then is taken as it is. */
const listenLimit = 30_000;

/** Machines that are systemd-nspawn containers with systemd as PID 1. Calls for one machine run one after another. */
export function createMachines(options: CreateMachinesOptions): Machines {
  const { sandboxId, stateFolder, baseRoot, network } = options;
  const images = createImageLayers(join(stateFolder, "layers"), baseRoot.folder, options.baseImageIds);
  const machines = new Map<string, Machine>();
  const listeners: ((id: string) => void)[] = [];
  const turns = new Map<string, Promise<unknown>>();

  function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const result = (turns.get(id) ?? Promise.resolve()).then(work, work);
    const settled = result.catch(() => {});
    turns.set(id, settled);
    void settled.then(() => turns.get(id) === settled && turns.delete(id));
    return result;
  }

  async function mount(machine: Machine): Promise<void> {
    const root = rootOf(machine.folder);
    await recordMade(stateFolder, sandboxId, { kind: "mount", name: machine.spec.id, paths: [root] });
    await mountOverlay(machine);
  }

  async function unmount(machine: Machine): Promise<void> {
    await unmountOverlay(machine.folder);
    await forgetMade(stateFolder, { kind: "mount", name: machine.spec.id });
  }

  /** Boots from the mounted disk and gives the machine its network; returns when it can be logged in to. */
  async function boot(machine: Machine): Promise<void> {
    const { id, hostname, address } = machine.spec;
    const name = `${sandboxId}-${id}`;
    const group = await planControlGroup(`multivac-${name}`);
    const recorded = { kind: "cgroup", name: id, paths: group.folders } as const;
    await recordMade(stateFolder, sandboxId, recorded);
    await makeControlGroup(group);
    const powerCut = async () => {
      await removeControlGroup(group.folders);
      await forgetContainer(name);
      await forgetMade(stateFolder, recorded);
      await network.detach(id, address);
    };
    machine.toldToStop = false;
    try {
      const container = await bootContainer({
        name,
        hostname,
        root: rootOf(machine.folder),
        group,
        consoleFile: consoleOf(machine),
      });
      const gone = container.ended.then(powerCut);
      // Whoever waits for it sees the failure; nobody has to.
      gone.catch(() => {});
      machine.running = { container, group, gone };
      await network.attach(id, address, container.pid);
      await untilListening(address, sshPort, listenLimit, container.ended);
    } catch (error) {
      machine.toldToStop = true;
      await powerCut();
      machine.running = undefined;
      throw error;
    }
    watch(machine, machine.running);
  }

  function watch(machine: Machine, running: NonNullable<Machine["running"]>): void {
    const { id } = machine.spec;
    void running.container.ended.then(async (exitCode) => {
      if (machine.toldToStop) return;
      await inTurn(id, async () => {
        // A call that had its turn before may have stopped it meanwhile, or even started it again.
        if (machine.running !== running) return;
        await running.gone;
        machine.running = undefined;
        if (exitCode === rebooted) await boot(machine).catch(() => {});
        if (!machine.running) await unmount(machine);
      }).catch(() => {});
      if (!machine.running && machines.get(id) === machine) for (const listener of listeners) listener(id);
    });
  }

  async function powerOff(machine: Machine, limit: number): Promise<void> {
    const { running } = machine;
    if (!running) return;
    machine.toldToStop = true;
    if (limit > 0) {
      signal(running.container.pid);
      await Promise.race([running.container.ended, sleep(limit, undefined, { ref: false })]);
    }
    await removeControlGroup(running.group.folders);
    await running.gone;
    machine.running = undefined;
    await unmount(machine);
  }

  async function remove(machine: Machine, limit: number): Promise<void> {
    await powerOff(machine, limit);
    await unmount(machine);
    await removeFolder(machine.folder);
    machines.delete(machine.spec.id);
    await sweep();
  }

  const sweep = () => images.sweep([...machines.values()].map((machine) => machine.layers));
  const find = (id: string): Machine => {
    const machine = machines.get(id);
    if (machine) return machine;
    throw new Failure({
      code: "machine-not-found",
      message: `The sandbox has no machine ${id}.`,
      reason: "It was not launched in this sandbox, or is terminated.",
      fix: "See which machines there are: multivac sandbox status",
    });
  };

  return {
    launch: (spec) =>
      inTurn(spec.id, async () => {
        if (machines.has(spec.id)) throw new Error(`machine ${spec.id} is there already`);
        const folder = join(stateFolder, "machines", spec.id);
        const machine: Machine = { spec, folder, layers: images.of(spec.imageId), toldToStop: false };
        machines.set(spec.id, machine);
        try {
          await mkdir(folder, { recursive: true, mode: 0o700 });
          await makeUpper(folder);
          await mount(machine);
          await prepareFirstBoot(rootOf(folder), spec, options.machineFiles);
          await boot(machine);
        } catch (error) {
          await remove(machine, 0);
          throw error;
        }
      }),
    start: (id) =>
      inTurn(id, async () => {
        const machine = find(id);
        if (machine.running) return;
        await mount(machine);
        await boot(machine).catch(async (error: unknown) => {
          await unmount(machine);
          throw error;
        });
      }),
    stop: (id) => inTurn(id, async () => powerOff(find(id), powerOffLimit)),
    terminate: (id) =>
      inTurn(id, async () => {
        const machine = machines.get(id);
        if (machine) await remove(machine, powerOffLimit);
      }),
    createImage: (id, imageId) =>
      inTurn(id, async () => {
        const machine = find(id);
        if (!machine.running) {
          machine.layers = await images.freeze(machine.folder, machine.layers, "move");
          images.name(imageId, machine.layers);
          return;
        }
        const { folders } = machine.running.group;
        try {
          await freezeControlGroup(folders, true);
          images.name(imageId, await images.freeze(machine.folder, machine.layers, "copy"));
        } finally {
          await freezeControlGroup(folders, false);
        }
      }),
    async deleteImage(imageId) {
      images.forget(imageId);
      await sweep();
    },
    console: async (id) => readConsole(consoleOf(find(id))),
    pid: (id) => machines.get(id)?.running?.container.pid,
    onExit(listener) {
      listeners.push(listener);
    },
    async close() {
      await Promise.all([...machines.values()].map((machine) => inTurn(machine.spec.id, () => remove(machine, 0))));
      await removeFolder(join(stateFolder, "machines"));
      await removeFolder(join(stateFolder, "layers"));
    },
  };
}

const consoleOf = (machine: Machine) => join(machine.folder, "console.log");

function signal(pid: number): void {
  try {
    process.kill(pid, powerOffSignal);
  } catch {
    // It is off already.
  }
}
