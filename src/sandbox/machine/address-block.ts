import { execa } from "execa";
import { Failure } from "../../failure.ts";
import { type Cidr, formatCidr, overlap, parseCidr, size, subBlock } from "./cidr.ts";

/** The range for tests between networks (RFC 2544): no real network uses it. */
const range = parseCidr("198.18.0.0/15");
const blockPrefix = 20;

export interface AddressBlock {
  /** Names the block's links and tables. */
  index: number;
  cidr: Cidr;
}

export function blockCidr(index: number): Cidr {
  return subBlock(range, blockPrefix, index);
}

export interface UsedRange {
  cidr: Cidr;
  /** As a person would look for it, like `route 198.18.0.0/16 dev tun0`. */
  name: string;
}

/** The lowest block that no route or address of this host touches, and whose names nothing else bears. */
export function lowestFreeBlock(used: readonly UsedRange[], isNamed: (index: number) => boolean): AddressBlock {
  for (let index = 0; index < size(range) / size({ first: 0, prefix: blockPrefix }); index++) {
    const cidr = blockCidr(index);
    if (!isNamed(index) && !used.some((other) => overlap(cidr, other.cidr))) return { index, cidr };
  }
  const names = used.filter((other) => overlap(range, other.cidr)).map((other) => other.name);
  throw new Failure({
    code: "no-free-addresses",
    message: `This host has no free block of addresses in ${formatCidr(range)}, which the sandbox's machines live in.`,
    reason: `In use: ${[...new Set(names)].join(", ")}.`,
    fix: "Stop sandboxes that are no longer needed (`multivac sandbox stop`), or the VPN that routes this range.",
  });
}

/** Every IPv4 route and address of this host, but for default routes. */
export async function usedRanges(): Promise<UsedRange[]> {
  const [routes, links] = await Promise.all([
    ipJson<{ dst: string; dev?: string; type?: string }>(["-4", "route", "show", "table", "all"]),
    ipJson<{ ifname: string; addr_info: { local: string; prefixlen: number }[] }>(["-4", "address", "show"]),
  ]);
  const routed = routes
    .filter(({ dst }) => dst !== "default")
    .map(({ dst, dev, type }) => ({
      cidr: parseCidr(dst),
      name: `${type ?? "route"} ${dst}${dev ? ` dev ${dev}` : ""}`,
    }))
    // VPNs split the default route into a few huge ones: no network of their own.
    .filter(({ cidr }) => cidr.prefix >= 8);
  const owned = links.flatMap(({ ifname, addr_info }) =>
    addr_info.map(({ local }) => ({ cidr: parseCidr(local), name: `address ${local} dev ${ifname}` })),
  );
  return [...routed, ...owned];
}

async function ipJson<T>(args: readonly string[]): Promise<T[]> {
  const { stdout } = await execa("ip", ["-json", ...args]);
  return JSON.parse(stdout || "[]") as T[];
}
