import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createForwardProxy, type ForwardProxyOptions } from "../../../src/sandbox/machine/forward-proxy.ts";
import { openPackageCache } from "../../../src/sandbox/machine/package-cache.ts";
import { reachableAddress } from "../../../src/sandbox/machine/reachable-address.ts";

let folder: string;
let source: Server;
let sourcePort: number;
const asked: string[] = [];
const servers: Server[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "multivac-proxy-"));
  source = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.headers.host}${incoming.url}`);
    if (incoming.url === "/cut.deb") {
      outgoing.writeHead(200, { "content-length": 100 });
      outgoing.write("half", () => outgoing.destroy());
    } else outgoing.end(`package ${incoming.url}`);
  });
  sourcePort = await listen(source);
});
after(async () => {
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  await rm(folder, { recursive: true });
});

function listen(server: Server): Promise<number> {
  servers.push(server);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

/** A proxy whose one source is `packages.test`, which resolves to this test's server. */
async function proxy(change: Partial<ForwardProxyOptions> = {}): Promise<number> {
  const hosts = new Set([`packages.test:${sourcePort}`, "inside.test:80"]);
  const resolve = async (host: string) => (host === "packages.test" ? "127.0.0.1" : undefined);
  const cache = await openPackageCache(join(folder, "packages"));
  return listen(
    createForwardProxy({ http: hosts, https: hosts, resolve, upstream: () => undefined, cache, ...change }),
  );
}

interface Answer {
  status: number;
  body: string;
}

function ask(port: number, path: string, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port, path, method }, (response: IncomingMessage) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    asking.on("error", reject);
    asking.end();
  });
}

function tunnel(port: number, target: string, then = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ host: "127.0.0.1", port }, () =>
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`),
    );
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
      if (then && answer.endsWith("\r\n\r\n")) socket.write(then);
    });
    socket.on("end", () => resolve(answer));
    socket.on("error", reject);
  });
}

test("requests to a source pass, all others are refused", async () => {
  const port = await proxy();
  assert.deepEqual(await ask(port, `http://packages.test:${sourcePort}/dists/InRelease`), {
    status: 200,
    body: "package /dists/InRelease",
  });
  assert.equal((await ask(port, `http://packages.test:${sourcePort}/x`, "HEAD")).status, 200);
  assert.equal((await ask(port, `http://packages.test:${sourcePort}/x`, "POST")).status, 405);
  for (const host of [
    `127.0.0.1:${sourcePort}`,
    "packages.test",
    "169.254.169.254",
    "example.test",
    `localhost:${sourcePort}`,
    "inside.test",
  ]) {
    assert.equal((await ask(port, `http://${host}/`)).status, 403, host);
  }
  assert.equal((await ask(port, "/etc/passwd")).status, 400);
  assert.equal((await ask(port, "ftp://packages.test/")).status, 400);
});

test("tunnels lead to sources only", async () => {
  const port = await proxy();
  const through = await tunnel(port, `packages.test:${sourcePort}`, "GET /simple/ HTTP/1.0\r\n\r\n");
  assert.match(through, /^HTTP\/1\.1 200 .*package \/simple\/$/s);
  for (const target of [`127.0.0.1:${sourcePort}`, "packages.test:22", "169.254.169.254:443", "no port", ""]) {
    assert.match(await tunnel(port, target), /^HTTP\/1\.1 (403|400)/, target);
  }
});

test("a package is fetched once, a list named by its hash too, a list that changes always", async () => {
  const port = await proxy();
  for (const [path, times] of [
    ["/pool/a_1%2b1_all.deb", 1],
    ["/dists/by-hash/SHA256/0123", 1],
    ["/dists/InRelease", 2],
  ] as const) {
    asked.length = 0;
    const first = await ask(port, `http://packages.test:${sourcePort}${path}`);
    assert.deepEqual(await ask(port, `http://packages.test:${sourcePort}${path}`), first);
    assert.equal(asked.length, times, path);
  }
});

test("a download that breaks off is not kept", async () => {
  const port = await proxy();
  const before = await readdir(join(folder, "packages"));
  await assert.rejects(ask(port, `http://packages.test:${sourcePort}/cut.deb`));
  const kept = () => readdir(join(folder, "packages"));
  for (let round = 0; round < 50 && (await kept()).length > before.length; round++) await sleep(10);
  assert.deepEqual(await kept(), before);
});

test("the host's own proxy is asked where it has one", async () => {
  asked.length = 0;
  const port = await proxy({
    upstream: () => new URL(`http://user:secret@127.0.0.1:${sourcePort}`),
    resolve: async () => undefined,
  });
  assert.equal((await ask(port, `http://packages.test:${sourcePort}/x`)).status, 200);
  assert.deepEqual(asked, [`GET packages.test:${sourcePort}http://packages.test:${sourcePort}/x`]);
});

test("a source's name must not lead into this host", async () => {
  assert.equal(await reachableAddress("169.254.169.254"), undefined);
  assert.equal(await reachableAddress("198.18.0.9"), undefined);
  assert.equal(await reachableAddress("[::ffff:127.0.0.1]"), undefined);
  assert.equal(await reachableAddress("10.1.2.3"), "10.1.2.3");
  assert.equal(await reachableAddress("localhost"), "localhost");
});
