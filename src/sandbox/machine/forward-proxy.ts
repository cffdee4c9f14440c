import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { isCacheable, type PackageCache } from "./package-cache.ts";
import { proxyAuthorization, type UpstreamProxy } from "./upstream-proxy.ts";

export interface ForwardProxyOptions {
  /** `host:port` that may be asked in plain HTTP, and those a tunnel may be opened to. */
  http: ReadonlySet<string>;
  https: ReadonlySet<string>;
  /** The address to connect to for a host on these lists; undefined refuses. */
  resolve(host: string): Promise<string | undefined>;
  upstream: UpstreamProxy;
  cache: PackageCache;
}

/** Headers that are meant for the next hop alone. */
const hopByHop = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
const idleLimit = 60_000;

/** A forward proxy that knows GET, HEAD and CONNECT, to the hosts it was given and to nothing else. */
export function createForwardProxy(options: ForwardProxyOptions): Server {
  const server = createServer((incoming, outgoing) => {
    forward(options, incoming, outgoing).catch((error: unknown) => {
      if (outgoing.headersSent) outgoing.destroy();
      else answer(outgoing, 502, error instanceof Error ? error.message : "no answer");
    });
  });
  server.on("connect", (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    client.on("error", () => client.destroy());
    tunnel(options, incoming, client, head).catch(() => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
  });
  return server;
}

async function forward(
  options: ForwardProxyOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = "", url: text = "" } = incoming;
  if (method !== "GET" && method !== "HEAD") return answer(outgoing, 405, "only GET, HEAD and CONNECT pass here");
  if (!/^http:\/\//i.test(text) || !URL.canParse(text)) return answer(outgoing, 400, "this is a proxy for packages");
  const url = new URL(text);
  if (!options.http.has(hostAndPort(url, 80))) return refuse(outgoing, url.host);

  const caching = method === "GET" && isCacheable(url) && incoming.headers.range === undefined;
  const kept = caching ? await options.cache.open(url) : undefined;
  if (kept) {
    outgoing.writeHead(200, { "content-length": kept.size, "content-type": "application/octet-stream" });
    return pipeline(kept.stream(), outgoing);
  }
  const response = await send(options, url, method, incoming);
  if (!response) return refuse(outgoing, url.host);
  const size = response.headers["content-length"];
  outgoing.writeHead(response.statusCode ?? 502, withoutHopByHop(response.headers));
  if (caching && response.statusCode === 200 && size !== undefined) {
    return options.cache.keep(url, Number(size), response, outgoing);
  }
  return pipeline(response, outgoing);
}

/** Asks the source, by way of this host's own proxy if it has one; undefined when its address is one none may have. */
async function send(
  options: ForwardProxyOptions,
  url: URL,
  method: string,
  incoming: IncomingMessage,
): Promise<IncomingMessage | undefined> {
  const upstream = options.upstream(url);
  const host = upstream?.hostname ?? (await options.resolve(url.hostname));
  if (host === undefined) return undefined;
  const headers = {
    ...withoutHopByHop(incoming.headers),
    host: url.host,
    ...(upstream && proxyAuthorization(upstream)),
  };
  return new Promise((resolve, reject) => {
    const asked = request({
      host: host.replace(/^\[(.*)\]$/, "$1"),
      port: (upstream ?? url).port || 80,
      path: upstream ? url.href : `${url.pathname}${url.search}`,
      method,
      headers,
      timeout: idleLimit,
    });
    asked.once("response", resolve);
    asked.once("timeout", () => asked.destroy(new Error(`${url.host} does not answer`)));
    asked.once("error", reject);
    incoming.once("close", () => incoming.readableAborted && asked.destroy());
    asked.end();
  });
}

async function tunnel(
  options: ForwardProxyOptions,
  incoming: IncomingMessage,
  client: Socket,
  head: Buffer,
): Promise<void> {
  const url = URL.canParse(`https://${incoming.url}`) ? new URL(`https://${incoming.url}`) : undefined;
  const target = url && hostAndPort(url, 443);
  const upstream = url && options.upstream(url);
  const allowed = url !== undefined && target !== undefined && options.https.has(target);
  const host = allowed ? (upstream?.hostname ?? (await options.resolve(url.hostname))) : undefined;
  if (host === undefined) {
    client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    return;
  }
  const remote = connect({
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: Number((upstream ?? url)?.port) || (upstream ? 80 : 443),
  });
  remote.setTimeout(idleLimit, () => remote.destroy());
  client.setTimeout(idleLimit, () => client.destroy());
  remote.once("error", () => client.destroy());
  client.once("close", () => remote.destroy());
  await new Promise((resolve) => remote.once("connect", resolve));
  if (upstream) {
    const fields = Object.entries(proxyAuthorization(upstream)).map(([name, value]) => `${name}: ${value}\r\n`);
    // The next proxy's own answer to this goes to the client as it is.
    remote.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${fields.join("")}\r\n`);
  } else {
    client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  }
  remote.write(head);
  remote.pipe(client).pipe(remote);
}

function hostAndPort({ hostname, port }: URL, usual: number): string {
  return `${hostname}:${port || usual}`;
}

function withoutHopByHop<T extends Record<string, unknown>>(headers: T): T {
  const named = String(headers.connection ?? "")
    .toLowerCase()
    .split(/,\s*/);
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopByHop.includes(name) && !named.includes(name)),
  ) as T;
}

function refuse(outgoing: ServerResponse, host: string): void {
  answer(outgoing, 403, `${host} is not among this host's package sources`);
}

function answer(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { "content-type": "text/plain", connection: "close" });
  outgoing.end(`${text}\n`);
}
