import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

/** This host itself, its neighbours by wire, cloud metadata, and the sandboxes' own machines. */
const forbidden = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  forbidden.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 127],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  forbidden.addSubnet(network, prefix, "ipv6");
}
/** The one metadata service that has an address of version 6. */
forbidden.addAddress("fd00:ec2::254", "ipv6");

/** Whether a package source may have this address; a name must never lead back into this host. */
function isForbidden(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return isForbidden(mapped);
  return forbidden.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** The address to connect to for a host that the package sources name; undefined when it leads where none may. */
export async function reachableAddress(host: string): Promise<string | undefined> {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  // Sources that name this very host, like a cache on it, mean it.
  if (bare === "localhost" || bare.startsWith("127.")) return bare;
  const found = isIP(bare) ? [{ address: bare }] : await lookup(bare, { all: true, verbatim: true });
  return found.map(({ address }) => address).find((address) => !isForbidden(address));
}
