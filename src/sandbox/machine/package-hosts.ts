import { execa } from "execa";
import { readAptSources } from "./apt-sources.ts";

/** Where this host gets its packages from: the only places machines may reach. */
export interface PackageHosts {
  /** `host:port` of sources that are asked in plain HTTP. */
  http: ReadonlySet<string>;
  /** `host:port` of sources that are asked through a TLS tunnel. */
  https: ReadonlySet<string>;
  pip: PipSettings;
}

export interface PipSettings {
  indexUrl?: string | undefined;
  extraIndexUrls: readonly string[];
  trustedHosts: readonly string[];
  /** The bundle of certificates pip on this host trusts. */
  certificates?: string | undefined;
}

export async function readPackageHosts(): Promise<PackageHosts> {
  const [apt, pip, defaults] = await Promise.all([readAptSources("/etc/apt"), readPipSettings(), pipDefaults()]);
  const indexes = [pip.indexUrl, ...pip.extraIndexUrls, ...defaults].filter((url) => url !== undefined);
  return { ...packageHosts([...apt.uris.map(String), ...indexes]), pip };
}

/** The index that pip on this host asks; undefined where there is no pip. */
export async function readPackageIndex(): Promise<string | undefined> {
  const [{ indexUrl }, [usual]] = await Promise.all([readPipSettings(), pipDefaults()]);
  return indexUrl ?? usual;
}

/** Sorts addresses of sources by how they are asked; those that are files need nobody's leave. */
export function packageHosts(urls: readonly string[]): { http: Set<string>; https: Set<string> } {
  const hosts = { http: new Set<string>(), https: new Set<string>() };
  for (const url of urls) {
    if (!URL.canParse(url)) continue;
    const { protocol, hostname, port } = new URL(url);
    if (protocol === "http:") hosts.http.add(`${hostname}:${port || 80}`);
    if (protocol === "https:") hosts.https.add(`${hostname}:${port || 443}`);
  }
  return hosts;
}

/** What pip on this host is configured to use, by files and by environment; nothing where there is no pip. */
async function readPipSettings(): Promise<PipSettings> {
  const { stdout } = await execa("python3", ["-m", "pip", "config", "list"], { reject: false });
  return parsePipConfig(stdout ?? "");
}

/** Reads lines like `global.index-url='https://…'`; the environment's come as `:env:.index-url='…'` and win. */
export function parsePipConfig(text: string): PipSettings {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^(?:global|install|:env:)\.([\w-]+)='(.*)'$/.exec(line.trim());
    if (match?.[1] !== undefined && (line.startsWith(":env:") || !values.has(match[1])))
      values.set(match[1], match[2] ?? "");
  }
  const words = (name: string) => (values.get(name) ?? "").split(/\s|\\n/).filter(Boolean);
  const remote = (urls: string[]) =>
    urls.filter((url) => /^https?:/.test(url) && URL.canParse(url)).map(withoutCredentials);
  return {
    indexUrl: remote(words("index-url"))[0],
    extraIndexUrls: remote(words("extra-index-url")),
    trustedHosts: words("trusted-host"),
    certificates: values.get("cert"),
  };
}

/** The index and the file host that pip itself was built with. */
async function pipDefaults(): Promise<string[]> {
  const ask =
    "from pip._internal.models.index import PyPI as i; print(i.simple_url); print('https://' + i.file_storage_domain)";
  const { stdout, failed } = await execa("python3", ["-c", ask], { reject: false });
  return failed ? [] : stdout.split("\n");
}

/** A password for the host's index does not go into machines and the images made from them. */
function withoutCredentials(text: string): string {
  const url = new URL(text);
  url.username = "";
  url.password = "";
  return url.toString();
}
