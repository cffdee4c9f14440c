import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { MachineFile } from "./first-boot.ts";
import { createForwardProxy } from "./forward-proxy.ts";
import { openPackageCache } from "./package-cache.ts";
import { type PipSettings, readPackageHosts } from "./package-hosts.ts";
import { reachableAddress } from "./reachable-address.ts";
import { readUpstreamProxy } from "./upstream-proxy.ts";

export interface PackageProxy {
  /** What machines set as their proxy. */
  url: string;
  /** The settings by which apt and pip in a machine use it. */
  machineFiles: readonly MachineFile[];
  close(): Promise<void>;
}

export interface StartPackageProxyOptions {
  address: string;
  port: number;
  cacheFolder: string;
}

/** Starts the forward proxy that lets package requests through to this host's own package sources. */
export async function startPackageProxy({
  address,
  port,
  cacheFolder,
}: StartPackageProxyOptions): Promise<PackageProxy> {
  const [hosts, upstream, cache] = await Promise.all([
    readPackageHosts(),
    readUpstreamProxy(process.env),
    openPackageCache(join(cacheFolder, "packages")),
  ]);
  const server = createForwardProxy({ ...hosts, upstream, cache, resolve: reachableAddress });
  // Tunnels too, which the server itself loses sight of.
  const connections = new Set<Socket>();
  server.on("connection", (connection) => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  const url = `http://${address}:${port}`;
  return {
    url,
    machineFiles: await machineFiles(url, hosts.pip),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

const bundleInMachine = "/etc/ssl/certs/host-ca-certificates.pem";

async function machineFiles(url: string, pip: PipSettings): Promise<MachineFile[]> {
  const bundle = await readFile(pip.certificates ?? "/etc/ssl/certs/ca-certificates.crt", "utf8").catch(
    () => undefined,
  );
  const files: MachineFile[] = [
    { path: "/etc/apt/apt.conf.d/90proxy", text: aptConfig(url, bundle !== undefined) },
    { path: "/etc/pip.conf", text: pipConfig(url, pip, bundle !== undefined) },
  ];
  return bundle === undefined ? files : [...files, { path: bundleInMachine, text: bundle }];
}

function aptConfig(url: string, bundle: boolean): string {
  const lines = [`Acquire::http::Proxy "${url}";`, `Acquire::https::Proxy "${url}";`];
  if (bundle) lines.push(`Acquire::https::CAInfo "${bundleInMachine}";`);
  return `${lines.join("\n")}\n`;
}

function pipConfig(url: string, { indexUrl, extraIndexUrls, trustedHosts }: PipSettings, bundle: boolean): string {
  const lines = ["[global]", `proxy = ${url}`];
  if (bundle) lines.push(`cert = ${bundleInMachine}`);
  if (indexUrl) lines.push(`index-url = ${indexUrl}`);
  if (extraIndexUrls.length > 0) lines.push(`extra-index-url = ${extraIndexUrls.join(" ")}`);
  if (trustedHosts.length > 0) lines.push(`trusted-host = ${trustedHosts.join(" ")}`);
  return `${lines.join("\n")}\n`;
}
