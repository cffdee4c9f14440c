import { access, readdir, readFile, writeFile } from "node:fs/promises";
import { execa } from "execa";

/** Runs several `ip` commands in one process. */
export async function ipBatch(commands: readonly string[]): Promise<void> {
  await execa("ip", ["-batch", "-"], { input: `${commands.join("\n")}\n` });
}

/** The text by which a link names its owner; undefined when there is none or the link is gone. */
export async function linkAlias(name: string): Promise<string | undefined> {
  const alias = await readFile(`/sys/class/net/${name}/ifalias`, "utf8").catch(() => "");
  return alias.trim() || undefined;
}

/** The hardware address of a link; undefined when there is none. */
export async function linkAddress(name: string): Promise<string | undefined> {
  const address = await readFile(`/sys/class/net/${name}/address`, "utf8").catch(() => "");
  return address.trim() || undefined;
}

/** The names of this host's links. */
export async function linkNames(): Promise<string[]> {
  return await readdir("/sys/class/net").catch(() => []);
}

export async function removeLink(name: string): Promise<void> {
  await execa("ip", ["link", "delete", "dev", name], { reject: false });
}

/** The settings of a network namespace that switch IPv6 off on the links it has and on those to come. */
export const ipv6Switches = ["all", "default"].map((scope) => `/proc/sys/net/ipv6/conf/${scope}/disable_ipv6`);

/** Whether this kernel has IPv6 at all; if not there is nothing to switch off. */
export async function hasIpv6(): Promise<boolean> {
  return access("/proc/sys/net/ipv6").then(
    () => true,
    () => false,
  );
}

/** Keeps the host from giving the link an IPv6 address of its own accord. */
export async function switchIpv6Off(link: string): Promise<void> {
  if (await hasIpv6()) await writeFile(`/proc/sys/net/ipv6/conf/${link}/disable_ipv6`, "1");
}

/** Runs a program of the host inside the network namespace of a process. */
export async function inNetworkOf(pid: number, file: string, args: readonly string[], input: string): Promise<void> {
  await execa("nsenter", [`--net=/proc/${pid}/ns/net`, file, ...args], { input });
}
