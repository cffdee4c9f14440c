import { execa } from "execa";

/** Whether old or unsigned lists are taken: a host that uses a snapshot of the archive has these set. */
const validitySettings = ["Acquire::Check-Valid-Until", "Acquire::Check-Date"];

/** The settings of this host's apt that machines need to use the same sources, as `Key "value"`. */
export async function hostAptOptions(): Promise<string[]> {
  return pick(validitySettings);
}

/** The proxy this host's apt goes through, as `Key "value"`. */
export async function aptProxyOptions(): Promise<string[]> {
  return pick(["Acquire::http::Proxy", "Acquire::https::Proxy"]);
}

async function pick(keys: readonly string[]): Promise<string[]> {
  const { stdout } = await execa("apt-config", ["dump", "--no-empty", '--format=%F "%v"%n'], { reject: false });
  const wanted = keys.map((key) => key.toLowerCase());
  return (stdout ?? "").split("\n").filter((line) => wanted.includes((line.split(" ")[0] ?? "").toLowerCase()));
}
