import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { startFollowing } from "../followed.ts";

/** Commands that change nothing, where AWS takes connections and never answers. */

const looks: [signal: "SIGINT" | "SIGTERM", code: number, ...args: string[]][] = [
  ["SIGINT", 130, "status"],
  ["SIGTERM", 143, "status", "--all"],
  ["SIGINT", 130, "releases"],
  ["SIGTERM", 143, "events"],
  ["SIGINT", 130, "open"],
  ["SIGTERM", 143, "plan"],
  ["SIGINT", 130, "doctor"],
];

/** Gives the address of a server that takes what it is sent, and tells when something has come. */
async function silentServer(t: TestContext): Promise<{ address: string; asked: Promise<unknown> }> {
  const silent = createServer((socket) => void socket.on("error", () => undefined));
  t.after(() => silent.close());
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const asked = once(silent, "connection").then(([socket]) => once(socket, "data"));
  return { address: `http://127.0.0.1:${(silent.address() as { port: number }).port}`, asked };
}

test("a signal ends a look at once, with its exit code and no word of what was made", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, {});
  const ends = looks.map(async ([signal, code, ...args]) => {
    const { address, asked } = await silentServer(t);
    const look = startFollowing(t, [...args, "--json", "--config", `${cwd}/config.json`], {
      AWS_ENDPOINT_URL: address,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      HOME: cwd,
    });
    await asked;
    const began = performance.now();
    assert.equal(await look.end(signal), code, `${args}: ${look.stderr()}`);
    assert.ok(performance.now() - began < 20_000, `${args} ends at once`);
    const [document, ...more] = look.documents();
    assert.deepEqual([document?.error.code, more], ["interrupted", []], `${args}`);
    assert.doesNotMatch(`${look.stderr()}${look.stdout()}`, /made so far|under way/);
  });
  await Promise.all(ends);
});

test("--version --json is one document, on every command", async (t) => {
  const HOME = await temporaryFolder(t);
  const ran = await multivac(["status", "--json", "--version"], { env: { HOME } });
  assert.equal(ran.code, 0, ran.stderr);
  const { version, multivac: own, node, packer, ansible } = ran.json() as Record<string, unknown>;
  assert.deepEqual([version, node], [1, process.versions.node]);
  for (const each of [own, packer, ansible]) assert.match(`${each}`, /^\d+\.\d+\.\d+/);
  const without = await multivac(["--version", "--json"], { env: { HOME, PATH: "/nonexistent" } });
  assert.deepEqual([without.json().packer, without.json().ansible], [null, null]);
});
