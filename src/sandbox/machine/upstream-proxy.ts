import { aptProxyOptions } from "./host-apt.ts";

/** The proxy this host itself goes through for a URL; undefined for a direct connection. */
export type UpstreamProxy = (url: URL) => URL | undefined;

/** Reads the host's proxies: apt's own setting first, then `http_proxy`, `https_proxy` and `no_proxy`. */
export async function readUpstreamProxy(environment: NodeJS.ProcessEnv): Promise<UpstreamProxy> {
  const apt = new Map(
    (await aptProxyOptions()).map((line) => [line.split(" ")[0]?.toLowerCase(), /"(.*)"/.exec(line)?.[1]]),
  );
  return upstreamProxy(
    {
      "http:": apt.get("acquire::http::proxy") ?? environment.http_proxy,
      "https:": apt.get("acquire::https::proxy") ?? environment.https_proxy ?? environment.HTTPS_PROXY,
    },
    environment.no_proxy ?? environment.NO_PROXY ?? "",
  );
}

export function upstreamProxy(proxies: Record<string, string | undefined>, noProxy: string): UpstreamProxy {
  const direct = noProxy
    .split(",")
    .map((entry) => entry.trim().replace(/^\*?\./, ""))
    .filter(Boolean);
  return ({ protocol, hostname }) => {
    if (direct.some((entry) => entry === "*" || hostname === entry || hostname.endsWith(`.${entry}`))) return undefined;
    const proxy = proxies[protocol];
    if (!proxy || proxy.toUpperCase() === "DIRECT") return undefined;
    return new URL(proxy.includes("://") ? proxy : `http://${proxy}`);
  };
}

/** What a proxy that asks for a password wants to see. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (!username) return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}
