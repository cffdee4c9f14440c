import { execa } from "execa";

export interface FirewallRules {
  table: string;
  /** What the names of the machines' links on this host start with. */
  linkPrefix: string;
  vpcCidr: string;
  gatewayAddress: string;
  proxyPort: number;
}

/**
 * Rules that see a packet before it is routed, so they hold whether the host forwards or not. A machine reaches the
 * gateway's one port and answers what the host opened, from its own address and link only; nobody but the host and the
 * machines themselves reaches the block. They keep no state, so the host's other connections are not tracked.
 */
function firewallRules({ table, linkPrefix, vpcCidr, gatewayAddress, proxyPort }: FirewallRules): string {
  return `table inet ${table} {
  set machines {
    type ifname . ipv4_addr
  }
  chain arriving {
    type filter hook prerouting priority raw; policy accept;
    iifname "${linkPrefix}*" jump from_machine
    iifname != "lo" ip daddr ${vpcCidr} drop
  }
  chain from_machine {
    iifname . ip saddr != @machines drop
    ip daddr != ${gatewayAddress} drop
    tcp dport ${proxyPort} accept
    tcp flags & (syn | ack) != syn accept
    icmp type { echo-reply, destination-unreachable, time-exceeded } accept
    drop
  }
}
`;
}

export async function loadFirewall(rules: FirewallRules): Promise<void> {
  await execa("nft", ["-f", "-"], { input: firewallRules(rules) });
}

export async function allowMachine(table: string, link: string, address: string): Promise<void> {
  await execa("nft", ["-f", "-"], { input: `add element inet ${table} machines { "${link}" . ${address} }\n` });
}

export async function forgetMachine(table: string, link: string, address: string): Promise<void> {
  const input = `delete element inet ${table} machines { "${link}" . ${address} }\n`;
  await execa("nft", ["-f", "-"], { input, reject: false });
}

/** The names of this host's tables that a table of ours could bear. */
export async function firewallTables(): Promise<string[]> {
  const { stdout } = await execa("nft", ["list", "tables", "inet"]);
  return stdout.split("\n").flatMap((line) => line.split(" ")[2] ?? []);
}

export async function removeFirewall(table: string): Promise<void> {
  await execa("nft", ["delete", "table", "inet", table], { reject: false });
}
