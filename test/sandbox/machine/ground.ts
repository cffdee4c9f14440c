import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { formatAddress, parseAddress } from "../../../src/sandbox/machine/cidr.ts";
import {
  cleanUp,
  createMachines,
  openNetwork,
  type PackageProxy,
  prepareBaseRoot,
  type SandboxNetwork,
  startPackageProxy,
} from "../../../src/sandbox/machine/index.ts";
import type { Machines } from "../../../src/sandbox/machines.ts";

/** A sandbox's machine side without an endpoint: real machines in a state folder of their own. */
export interface Ground {
  stateFolder: string;
  network: SandboxNetwork;
  proxy: PackageProxy;
  machines: Machines;
  publicKey: string;
  /** The n-th address that a machine may have. */
  address(n: number): string;
  /** Runs a command in the machine as the default user, trying until sshd answers; returns its output. */
  ssh(address: string, command: string): Promise<string>;
  close(): Promise<void>;
}

/** The default cache, so that the base root is made once for every test and demo of this host. */
export const cacheFolder = "/var/cache/multivac";

export async function openGround(sandboxId: string): Promise<Ground> {
  const stateFolder = await mkdtemp(join(tmpdir(), `multivac-${sandboxId}-`));
  const keyFile = join(stateFolder, "key");
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", keyFile]);
  const { stdout: publicKey } = await execa("cat", [`${keyFile}.pub`]);
  const baseRoot = await prepareBaseRoot({ cacheFolder, report: () => {} });
  const network = await openNetwork({ sandboxId, stateFolder });
  const proxy = await startPackageProxy({ address: network.gatewayAddress, port: network.proxyPort, cacheFolder });
  const { machineFiles } = proxy;
  const machines = createMachines({
    sandboxId,
    stateFolder,
    baseRoot,
    baseImageIds: ["ami-base"],
    network,
    machineFiles,
  });
  return {
    stateFolder,
    network,
    proxy,
    machines,
    publicKey,
    address: (n) => formatAddress(parseAddress(network.gatewayAddress) + 9 + n),
    ssh: (address, command) => ssh(keyFile, address, command),
    async close() {
      await machines.close();
      await proxy.close();
      await network.close();
      await cleanUp(stateFolder);
      await rm(stateFolder, { recursive: true });
    },
  };
}

async function ssh(keyFile: string, address: string, command: string): Promise<string> {
  const options = [
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
    "LogLevel=ERROR",
    "ConnectTimeout=2",
    "BatchMode=yes",
  ];
  const args = [
    "-F",
    "none",
    "-i",
    keyFile,
    ...options.flatMap((option) => ["-o", option]),
    `admin@${address}`,
    command,
  ];
  for (let attempt = 0; attempt < 100; attempt++) {
    const { exitCode, all } = await execa("ssh", args, { reject: false, all: true, stdin: "ignore" });
    // ssh's own failures; what the command ends with is the caller's business.
    if (exitCode !== 255) return all;
    await sleep(50);
  }
  throw new Error(`no ssh to ${address}`);
}
