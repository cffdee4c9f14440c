import { createHash } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";
import { type AddressBlock, blockCidr, lowestFreeBlock, usedRanges } from "./address-block.ts";
import { formatAddress, formatCidr, subBlock } from "./cidr.ts";
import { allowMachine, firewallTables, forgetMachine, loadFirewall, removeFirewall } from "./firewall.ts";
import {
  hasIpv6,
  inNetworkOf,
  ipBatch,
  ipv6Switches,
  linkAddress,
  linkAlias,
  linkNames,
  removeLink,
  switchIpv6Off,
} from "./links.ts";
import { withLock } from "./lock.ts";
import { forgetMade, recordMade } from "./record.ts";

/** The address range of one sandbox on this host, and the links of its machines. */
export interface SandboxNetwork {
  vpcCidr: string;
  /** One subnet for each of the two zones. */
  subnetCidrs: readonly [string, string];
  /** The host's address as the machines see it; the first of the first subnet, which AWS keeps for its router. */
  gatewayAddress: string;
  /** The one CIDR that the host's connections to machines come from, as Packer's source CIDR needs it. */
  hostCidr: string;
  /** The only port of the gateway that machines can open. */
  proxyPort: number;
  /** Gives the network namespace of the process `pid` its address, and a way to the gateway but to nothing else. */
  attach(machineId: string, address: string, pid: number): Promise<void>;
  detach(machineId: string, address: string): Promise<void>;
  close(): Promise<void>;
}

export interface OpenNetworkOptions {
  sandboxId: string;
  stateFolder: string;
}

/** Blocks are claimed one sandbox at a time on the whole host. */
const claimLock = "/var/cache/multivac/locks/network";
const usualProxyPort = 3128;

const bridgeName = (index: number) => `mv${index}`;
const tableName = (index: number) => `multivac${index}`;
const aliasOf = (sandboxId: string) => `multivac:${sandboxId}`;
/** A bridge has it from its first moment, and its alias only after that; locally administered (IEEE 802, 8.2.2). */
const hardwareAddressOf = (sandboxId: string) =>
  `06:${createHash("sha256").update(aliasOf(sandboxId)).digest("hex").slice(0, 10).match(/../g)?.join(":")}`;
/** An interface's name has at most 15 characters. */
const linkName = (index: number, machineId: string) => `${bridgeName(index)}-${machineId.slice(-10)}`;

/**
 * Claims the lowest free address block of this host. The bridge is the claim and carries the gateway's address; machines
 * are not ports of it but have a link and a host route each, so they cannot see one another. Nothing is forwarded.
 */
export async function openNetwork({ sandboxId, stateFolder }: OpenNetworkOptions): Promise<SandboxNetwork> {
  const { index, cidr } = await withLock(claimLock, () => claimBlock(sandboxId, stateFolder));
  const gatewayAddress = formatAddress(cidr.first + 1);
  const proxyPort = await freePort(gatewayAddress);
  const table = tableName(index);
  const vpcCidr = formatCidr(cidr);
  await loadFirewall({ table, linkPrefix: `${bridgeName(index)}-`, vpcCidr, gatewayAddress, proxyPort });

  const detach = async (machineId: string, address: string): Promise<void> => {
    const name = linkName(index, machineId);
    await removeLink(name);
    await forgetMachine(table, name, address);
    await forgetMade(stateFolder, { kind: "link", name });
  };
  return {
    vpcCidr,
    subnetCidrs: [formatCidr(subBlock(cidr, 22, 0)), formatCidr(subBlock(cidr, 22, 1))],
    gatewayAddress,
    hostCidr: `${gatewayAddress}/32`,
    proxyPort,
    detach,
    async attach(machineId, address, pid) {
      const name = linkName(index, machineId);
      await detach(machineId, address);
      await recordMade(stateFolder, sandboxId, { kind: "link", name });
      // No packet of version 6 ever leaves the machine: the namespace has only its loopback so far.
      if (await hasIpv6()) await inNetworkOf(pid, "tee", ipv6Switches, "1");
      await ipBatch([
        `link add name ${name} type veth peer name eth0 netns ${pid}`,
        `link set dev ${name} alias ${aliasOf(sandboxId)}`,
      ]);
      await switchIpv6Off(name);
      await allowMachine(table, name, address);
      await ipBatch([`link set dev ${name} up`, `route add ${address}/32 dev ${name} src ${gatewayAddress}`]);
      const commands = [
        `address add ${address}/32 dev eth0`,
        "link set dev eth0 up",
        "link set dev lo up",
        `route add ${gatewayAddress}/32 dev eth0 src ${address}`,
      ];
      await inNetworkOf(pid, "ip", ["-batch", "-"], `${commands.join("\n")}\n`);
    },
    async close() {
      await removeBlock(stateFolder, index, sandboxId);
    },
  };
}

async function claimBlock(sandboxId: string, stateFolder: string): Promise<AddressBlock> {
  const [used, links, tables] = await Promise.all([usedRanges(), linkNames(), firewallTables()]);
  const isNamed = (index: number) => links.includes(bridgeName(index)) || tables.includes(tableName(index));
  const block = lowestFreeBlock(used, isNamed);
  const bridge = bridgeName(block.index);
  const gateway = formatAddress(block.cidr.first + 1);
  await recordMade(stateFolder, sandboxId, { kind: "address-block", name: String(block.index) });
  await ipBatch([
    // First of all: an address that no machine has leads nowhere.
    `route add unreachable ${formatCidr(block.cidr)}`,
    `link add name ${bridge} address ${hardwareAddressOf(sandboxId)} type bridge`,
    `link set dev ${bridge} alias ${aliasOf(sandboxId)}`,
  ]);
  await switchIpv6Off(bridge);
  await ipBatch([`address add ${gateway}/32 dev ${bridge}`, `link set dev ${bridge} up`]);
  return block;
}

/** Takes the block's firewall, route and bridge down, unless the bridge is somebody else's. */
export async function removeBlock(stateFolder: string, index: number, sandboxId: string): Promise<void> {
  const bridge = bridgeName(index);
  await withLock(claimLock, async () => {
    const [alias, address] = await Promise.all([linkAlias(bridge), linkAddress(bridge)]);
    const isOurs = alias === aliasOf(sandboxId) || (!alias && address === hardwareAddressOf(sandboxId));
    if (isOurs || address === undefined) {
      await removeFirewall(tableName(index));
      await removeLink(bridge);
      const route = `unreachable ${formatCidr(blockCidr(index))}`;
      await ipBatch([`route delete ${route}`]).catch(() => {});
    }
    await forgetMade(stateFolder, { kind: "address-block", name: String(index) });
  });
}

/** The usual port of proxies, or any other when a service of this host has it on every address. */
async function freePort(address: string): Promise<number> {
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once("error", reject);
      server.listen({ host: address, port, exclusive: true }, () => {
        const bound = (server.address() as AddressInfo).port;
        server.close(() => resolve(bound));
      });
    });
  return listen(usualProxyPort).catch(() => listen(0));
}
