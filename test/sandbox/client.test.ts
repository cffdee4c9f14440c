import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { Failure } from "../../src/failure.ts";
import type { ProgressEvent } from "../../src/progress.ts";
import { sandboxStatus, startSandbox, stopSandbox } from "../../src/sandbox/client.ts";
import { foldersOf } from "../../src/sandbox/folders.ts";
import { isRunning, type ProcessIdentity, readProcess } from "../../src/sandbox/record.ts";
import { findSandbox } from "../../src/sandbox/running.ts";
import { eventually } from "../eventually.ts";

const id = `test-client-${process.pid}`;
const events: ProgressEvent[] = [];
const report = (event: ProgressEvent) => void events.push(event);
after(() => stopSandbox(id));

async function motoOf(): Promise<ProcessIdentity> {
  return JSON.parse(await readFile(join(foldersOf(id).state, "moto.json"), "utf8"));
}

test("two starts at once give one sandbox, which tells what it is", async () => {
  const [one, two] = await Promise.all([
    startSandbox({ id, machines: false, report }),
    startSandbox({ id, machines: false, report }),
  ]);
  assert.deepEqual(one, two);
  assert.equal(one.region, "ap-southeast-2");
  assert.equal(one.account, "123456789012");
  assert.match(one.endpoint, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual(events, [
    { type: "start", task: "AWS API" },
    { type: "end", task: "AWS API", outcome: "done", text: one.endpoint },
  ]);
  const status = await sandboxStatus(id);
  assert.equal(status.state, "running");
  assert.ok(status.disk.state > 0);
  assert.deepEqual(status.instances, []);
});

test("a further start finds it, and one that wants another kind is refused", async () => {
  const before = await findSandbox(id);
  assert.deepEqual(await startSandbox({ id, report }), before);
  await assert.rejects(startSandbox({ id, machines: true, report }), (error) => {
    return error instanceof Failure && error.code === "sandbox-differs";
  });
});

test("it listens on 127.0.0.1 alone", async () => {
  const { endpoint } = (await findSandbox(id)) as { endpoint: string };
  const reached = await new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.2", port: Number(new URL(endpoint).port) }, () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  assert.equal(reached, false);
});

test("what a killed daemon leaves is cleaned by the next start", async () => {
  const before = await startSandbox({ id, machines: false, report });
  const moto = await motoOf();
  process.kill(before.daemon.pid, "SIGKILL");
  await eventually(async () => !(await isRunning(before.daemon)));
  assert.equal((await sandboxStatus(id)).state, "dead");
  assert.equal(await isRunning(moto), true);
  const after = await startSandbox({ id, machines: false, report });
  assert.notEqual(after.daemon.pid, before.daemon.pid);
  assert.equal(await isRunning(moto), false);
});

test("when moto dies the sandbox ends, rather than answer nonsense", async () => {
  const record = await startSandbox({ id, machines: false, report });
  process.kill((await motoOf()).pid, "SIGKILL");
  for (let look = 0; look < 200 && (await isRunning(record.daemon)); look += 1) await sleep(20);
  assert.equal(await findSandbox(id), undefined);
});

test("stopping takes everything down, twice without complaint", async () => {
  const record = await startSandbox({ id, machines: false, report });
  const moto = await motoOf();
  assert.deepEqual(await stopSandbox(id), { wasRunning: true, purged: false });
  assert.equal(await isRunning(record.daemon), false);
  assert.equal(await isRunning(moto), false);
  assert.deepEqual(await stopSandbox(id), { wasRunning: false, purged: false });
  const { state, disk } = await sandboxStatus(id);
  assert.deepEqual([state, disk.state], ["absent", 0]);
});

test("a daemon that cannot start says why", async () => {
  await assert.rejects(startSandbox({ id, machines: false, motoCommand: "no-such-moto", report }), (error) => {
    return error instanceof Failure && error.code === "moto-not-started" && /no-such-moto/.test(error.message);
  });
  assert.equal(await findSandbox(id), undefined);
});

test("an id is a word that can name folders and links", async () => {
  for (const wrong of ["", "../x", "A", "x".repeat(33), "-a"]) {
    await assert.rejects(startSandbox({ id: wrong, report }), { code: "invalid-sandbox-id" }, wrong);
  }
});

test("a daemon whose starter is gone does not stay", async () => {
  const script = `import { startSandbox } from "./src/sandbox/client.ts"; await startSandbox({ id: "${id}", machines: false, report: (e) => process.stdout.write(e.type) });`;
  const starter = execa("node", ["--import", "tsx", "--input-type=module", "--eval", script], {
    reject: false,
    buffer: false,
  });
  await new Promise((resolve) => starter.stdout.once("data", resolve));
  starter.kill("SIGKILL");
  await starter;
  const daemon = await readProcess(foldersOf(id).state, "daemon");
  assert.ok(daemon);
  await eventually(async () => !(await isRunning(daemon)), 90);
});

test("a reset empties it and the record tells the new network", async () => {
  const before = await startSandbox({ id, machines: false, report });
  await fetch(`${before.endpoint}/_multivac/reset`, { method: "POST" });
  const after = await findSandbox(id);
  assert.equal(after?.endpoint, before.endpoint);
  assert.notEqual(after?.vpcId, before.vpcId);
});
