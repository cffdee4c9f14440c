import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanUp, createBalancer } from "../../../src/sandbox/machine/index.ts";
import { listMade } from "../../../src/sandbox/machine/record.ts";
import type { Balancer, BalancerListener, BalancerTarget } from "../../../src/sandbox/machines.ts";
import { eventually } from "../../eventually.ts";

const host = "127.201.7.1";
const port = 8080;
let stateFolder: string;
let balancer: Balancer;
const servers: Server[] = [];
/** Lets what was asked for `/held` be answered. */
let answerHeld = () => {};
const held = new Promise<void>((resolve) => {
  answerHeld = resolve;
});

before(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), "multivac-haproxy-"));
  balancer = createBalancer({ sandboxId: "haproxy-test", stateFolder });
});

after(async () => {
  await balancer.close();
  for (const server of servers) server.close();
  assert.deepEqual(await listMade(stateFolder), []);
  await cleanUp(stateFolder);
  await rm(stateFolder, { recursive: true });
});

/** An app that answers its own name, after `delay` when asked for `/slow`. */
async function app(id: string, delay = 700): Promise<BalancerTarget> {
  const server = createServer(async (request, response) => {
    if (request.url === "/slow") await sleep(delay);
    if (request.url === "/held") await held;
    if (request.url === "/broken") return void request.socket.destroy();
    if (request.url === "/busy") response.statusCode = 503;
    response.setHeader("forwarded", JSON.stringify(request.headers));
    response.end(id);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { id, address: "127.0.0.1", port: (server.address() as AddressInfo).port, draining: false };
}

const listener = (targets: BalancerTarget[], change: Partial<BalancerListener> = {}): BalancerListener => ({
  address: host,
  port,
  targetGroup: "web",
  targets,
  ...change,
});

interface Answer {
  status: number;
  body: string;
  headers: IncomingMessage["headers"];
}

function ask(
  path = "/",
  options: { agent?: Agent; headers?: Record<string, string>; port?: number } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get({ host, port, path, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}

test("a listener without targets answers 503, one with a target passes the request on as AWS does", async () => {
  await balancer.apply([listener([])]);
  assert.equal((await ask()).status, 503);
  await balancer.apply([listener([await app("one")])]);
  const plain = await ask();
  assert.equal(plain.body, "one");
  const headers = JSON.parse(String(plain.headers.forwarded)) as Record<string, string>;
  assert.match(headers["x-forwarded-for"] ?? "", /^127\./);
  assert.equal(headers["x-forwarded-proto"], "http");
  assert.equal(headers["x-forwarded-port"], String(port));
  const through = await ask("/", { headers: { "X-Forwarded-For": "203.0.113.9" } });
  const chain = (JSON.parse(String(through.headers.forwarded)) as Record<string, string>)["x-forwarded-for"];
  assert.match(chain ?? "", /^203\.0\.113\.9, 127\./);
});

test("a target that breaks the connection is a 502, one that says 503 itself is passed on", async () => {
  const target = await app("breaks");
  await balancer.apply([listener([target])]);
  assert.equal((await ask("/broken")).status, 502);
  assert.equal((await ask("/busy")).status, 503);
  servers.at(-1)?.close();
  servers.at(-1)?.closeAllConnections();
  assert.equal((await ask()).status, 502);
});

test("a draining target finishes its requests and gets no new one", async () => {
  const [old, fresh] = [await app("old"), await app("fresh")];
  await balancer.apply([listener([old])]);
  const slow = ask("/held");
  await eventually(async () => (await balancer.requestsUnderWay("web", "old")) === 1);
  await balancer.apply([listener([{ ...old, draining: true }, fresh])]);
  for (let n = 0; n < 10; n++) assert.equal((await ask()).body, "fresh");
  assert.equal(await balancer.requestsUnderWay("web", "old"), 1);
  await balancer.apply([listener([fresh])]);
  assert.equal(await balancer.requestsUnderWay("web", "old"), 1);
  answerHeld();
  assert.equal((await slow).body, "old");
  await eventually(async () => (await balancer.requestsUnderWay("web", "old")) === 0);
});

test("no request fails while targets and listeners come, drain and go", async () => {
  const apps = await Promise.all(["a", "b", "c", "d"].map((id) => app(id, 150)));
  await balancer.apply([listener(apps.slice(0, 2))]);
  const agent = new Agent({ keepAlive: true });
  const seen = new Map<string, number>();
  let running = true;
  const client = async (options: { agent?: Agent }, path: string) => {
    while (running) {
      const { status, body } = await ask(path, options);
      const key = `${status} ${body}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  };
  const clients = Promise.all([
    ...Array.from({ length: 4 }, () => client({ agent }, "/")),
    ...Array.from({ length: 2 }, () => client({}, "/")),
    ...Array.from({ length: 4 }, () => client({ agent }, "/slow")),
  ]);
  const draining = (target: BalancerTarget) => ({ ...target, draining: true });
  const [a, b, c, d] = apps as [BalancerTarget, BalancerTarget, BalancerTarget, BalancerTarget];
  for (let round = 0; round < 5; round++) {
    await balancer.apply([listener([a, b, c])]);
    await sleep(60);
    await balancer.apply([listener([draining(a), draining(b), c])]);
    await sleep(60);
    await balancer.apply([listener([c, d])]);
    // A second listener, which takes a new process, and another target group on the first one.
    await balancer.apply([listener([c, d]), listener([a], { port: port + 1, targetGroup: "other" })]);
    await sleep(60);
    await balancer.apply([
      listener([a], { targetGroup: "other" }),
      listener([a], { port: port + 1, targetGroup: "other" }),
    ]);
    await sleep(60);
    await balancer.apply([listener([a, b])]);
  }
  running = false;
  await clients;
  agent.destroy();
  assert.deepEqual([...seen.keys()].sort(), ["200 a", "200 b", "200 c", "200 d"]);
  const total = [...seen.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(total > 500, `only ${total} requests`);
});

test("a listener that is gone takes no connection", async () => {
  await balancer.apply([]);
  await assert.rejects(ask("/", { agent: new Agent() }), { code: "ECONNREFUSED" });
});

test("a haproxy that was killed is replaced", async () => {
  const target = await app("back");
  await balancer.apply([listener([target])]);
  // One that its listeners have left may still be ending.
  const group = await eventually(async () => {
    const groups = (await listMade(stateFolder)).filter((thing) => thing.kind === "cgroup");
    return groups.length === 1 && groups[0];
  });
  const { removeControlGroup } = await import("../../../src/sandbox/machine/control-group.ts");
  await removeControlGroup(group.paths ?? []);
  const { body } = await eventually(() => ask().catch(() => undefined));
  assert.equal(body, "back");
});
