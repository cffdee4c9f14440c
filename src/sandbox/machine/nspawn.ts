import type { Machines } from "../machines.ts";
import type { BaseRoot } from "./base-root.ts";
import type { SandboxNetwork } from "./network.ts";

export interface CreateMachinesOptions {
  sandboxId: string;
  /** Disks, images and records live below it; its path has no space, colon or comma. */
  stateFolder: string;
  baseRoot: BaseRoot;
  /** The AMI ids whose disk is the base root itself. */
  baseImageIds: readonly string[];
  network: SandboxNetwork;
  /** The package proxy's URL. */
  proxyUrl: string;
}

/** Machines that are systemd-nspawn containers with systemd as PID 1. */
export function createMachines(_options: CreateMachinesOptions): Machines {
  throw new Error("not built yet");
}
