import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { commandFile, environment, temporaryFolder, writeConfig } from "../command-line.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

interface TraceEvent {
  ph: "X" | "M";
  name: string;
  cat?: string;
  pid: number;
  tid: number;
  ts: number;
  dur: number;
  args: Record<string, unknown>;
}

let aws: TestSandbox;
let image: { id: string };
before(async () => {
  aws = await startSandbox("se-trace9", { machines: false });
  image = { id: aws.baseImageId };
});
after(() => aws.stop());

async function readTrace(file: string): Promise<TraceEvent[]> {
  return JSON.parse(await readFile(file, "utf8")).traceEvents;
}

const calls = (events: TraceEvent[]) => events.filter(({ cat }) => cat === "call");

/** How often each name is there. */
function counts(names: string[]): Record<string, number> {
  const sorted = [...names].sort();
  return Object.fromEntries(sorted.map((name) => [name, sorted.filter((other) => other === name).length]));
}

/** Slices of one line that overlap without one holding the other, which a viewer would draw wrongly. */
function crossing(events: TraceEvent[]): string[] {
  const slices = events.filter(({ ph }) => ph === "X");
  return slices.flatMap((one) =>
    slices
      .filter(({ pid, tid }) => pid === one.pid && tid === one.tid)
      .filter(({ ts, dur }) => ts > one.ts && ts < one.ts + one.dur && ts + dur > one.ts + one.dur)
      .map((other) => `${one.name} and ${other.name}`),
  );
}

test("a trace of deploy and destroy has every call that AWS was sent, in the name of its task", async (t) => {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, { name: "traced", image });
  await aws.calls();
  const other = { deregistrationDelaySeconds: 7 };
  // As long as a round takes on AWS: some begin after the task in which their look began.
  await aws.control("settings", { latencySeconds: 0.05 });
  t.after(() => aws.control("settings", { latencySeconds: 0 }));
  for (const [args, loadBalancer] of [[["deploy"]], [["deploy"]], [["deploy"], other], [["destroy"]]] as const) {
    if (loadBalancer) await writeConfig(folder, { name: "traced", image, loadBalancer });
    const ran = await aws.run([...args, "--yes", "--trace", "t.json"], { cwd: folder });
    assert.equal(ran.code, 0, ran.stderr);
    const events = await readTrace(path.join(folder, "t.json"));
    const sent = (await aws.calls()).map(({ service, action }) => `${service}:${action}`);
    // Only a lock's heartbeat is that here, and one may be under way at the end.
    const made = calls(events).filter(({ name }) => name !== "ec2:CreateTags");
    assert.ok(sent.length > 5);
    assert.deepEqual(counts(made.map(({ name }) => name)), counts(sent));
    assert.deepEqual(crossing(events), []);
    for (const { args: facts } of made) {
      assert.equal(facts.attempt, 1);
      assert.ok(typeof facts.status === "number" && facts.requestId, JSON.stringify(facts));
    }
    if (args[0] !== "destroy") continue;
    const task = events.find(({ ph, name }) => ph === "X" && name.startsWith("listener")) as TraceEvent;
    const inIt = calls(events).filter(({ pid }) => pid === task.pid);
    assert.ok(inIt.some(({ name }) => name === "elasticloadbalancing:DeleteListener"));
    for (const { ts, dur } of inIt) assert.ok(ts >= task.ts && ts + dur <= task.ts + task.dur);
  }
});

test("what AWS throttles stands in the trace with each attempt, its error and the pause before the next", async (t) => {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, { name: "retried", image });
  await aws.control("faults", { rules: [{ action: "CreateTargetGroup", times: 2, fault: { kind: "throttle" } }] });
  const ran = await aws.run(["deploy", "--yes", "--json", "--trace", "t.json"], { cwd: folder });
  await aws.control("faults", {});
  assert.equal(ran.code, 0, ran.stderr);
  const events = await readTrace(path.join(folder, "t.json"));
  const attempts = calls(events).filter(({ name }) => name === "elasticloadbalancing:CreateTargetGroup");
  assert.deepEqual(
    attempts.map(({ args }) => [args.attempt, args.status, args.error]),
    [
      [1, 400, "Throttling"],
      [2, 400, "Throttling"],
      [3, 200, undefined],
    ],
  );
  const pauses = events.filter(({ name }) => name === "before another elasticloadbalancing:CreateTargetGroup");
  assert.equal(pauses.length, 2);
  const names = (ran.json().timeline as { name: string }[]).map(({ name }) => name);
  const tasks = events.filter(({ cat, name }) => cat === "task" && name !== "deploy").map(({ name }) => name);
  assert.deepEqual(names, tasks);
  assert.doesNotMatch(ran.stderr, /critical path/);
  assert.equal((await aws.run(["destroy", "--yes"], { cwd: folder })).code, 0);
});

test("a trace is written when the command fails, and when it is interrupted, once or twice", async (t) => {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, { name: "broken", image });
  const file = path.join(folder, "t.json");
  const deploy = ["deploy", "--yes", "--trace", "t.json"];

  await aws.control("faults", { rules: [{ action: "CreateLoadBalancer", fault: { kind: "refuse" } }] });
  const failed = await aws.run(deploy, { cwd: folder });
  assert.equal(failed.code, 1);
  const events = await readTrace(file);
  const task = events.find(({ cat, name }) => cat === "task" && name === "load balancer");
  assert.equal(task?.args.outcome, "failed");
  const refused = calls(events).find(({ name }) => name === "elasticloadbalancing:CreateLoadBalancer");
  assert.deepEqual([refused?.args.status, refused?.args.error], [403, "AccessDenied"]);

  await aws.control("faults", { rules: [{ action: "CreateLoadBalancer", fault: { kind: "slow", seconds: 600 } }] });
  const waiting = { name: "SIGINT", when: /load balancer active: provisioning/ } as const;
  const interrupted = await aws.run(deploy, { cwd: folder, signal: waiting });
  assert.equal(interrupted.code, 130, interrupted.stderr);
  const stopped = (await readTrace(file)).find(({ cat, name }) => cat === "task" && name === "load balancer active");
  assert.equal(stopped?.args.outcome, "stopped");

  await aws.control("faults", { rules: [{ action: "DescribeTargetHealth", fault: { kind: "hold" } }] });
  const killed = await interruptedTwice(deploy, folder);
  assert.equal(killed.exitCode, 130, killed.stderr);
  const held = calls(await readTrace(file)).filter(({ name }) => name.endsWith(":DescribeTargetHealth"));
  assert.deepEqual(
    held.map(({ args }) => args),
    [{ attempt: 1, unfinished: true }],
  );
  await aws.control("faults", {});
  assert.equal((await aws.run(["destroy", "--yes"], { cwd: folder })).code, 0);
});

/** Interrupts a command when a call of it is held, and once more when it says that it stops. */
async function interruptedTwice(args: string[], cwd: string) {
  const child = execa(process.execPath, [commandFile, ...args, "--sandbox"], {
    cwd,
    env: environment({ MULTIVAC_SANDBOX: "test-se-trace9" }),
    extendEnv: false,
    reject: false,
    timeout: 60_000,
  });
  let told = "";
  child.stderr.on("data", (chunk: Buffer) => {
    const before = told;
    told += chunk.toString();
    if (!before.includes("Stopping") && told.includes("Stopping")) child.kill("SIGINT");
  });
  await aws.held();
  child.kill("SIGINT");
  return await child;
}

test("a file that cannot be written, or lies in the app, ends the command before anything is changed", async (t) => {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, { name: "unwritten" });
  await mkdir(path.join(folder, "d"));
  await aws.calls();
  const tried = async (file: string) => {
    const ran = await aws.run(["deploy", "--yes", "--json", "--trace", file], { cwd: folder });
    assert.equal(ran.code, 1);
    return ran.json().error?.code;
  };
  for (const file of ["none/t.json", "d", ""]) assert.equal(await tried(file), "trace-not-writable", file);
  assert.deepEqual(await aws.calls(), []);

  const own = path.join(folder, "app/tiny_app.py");
  const text = await readFile(own, "utf8");
  for (const file of [own, path.join(folder, "app/t.json")]) assert.equal(await tried(file), "trace-in-app");
  assert.equal(await readFile(own, "utf8"), text);
  await assert.rejects(readFile(path.join(folder, "app/t.json")), /ENOENT/);
  assert.ok((await aws.calls()).every(({ changing }) => !changing));
});

test("what the command reads is no place for its trace, nor any file where the config is wrong, nor a pipe that nobody reads", async (t) => {
  const folder = await temporaryFolder(t);
  const config = await writeConfig(folder, { name: "unwritten" });
  const tried = async (file: string, ...more: string[]) =>
    (await aws.run(["deploy", "--yes", "--json", "--trace", file, ...more], { cwd: folder })).json().error?.code;
  await execa("mkfifo", [path.join(folder, "pipe")]);
  await writeFile(path.join(folder, "saved.json"), "{}");
  const before = await readFile(config, "utf8");
  assert.equal(await tried("config.json"), "trace-not-writable");
  assert.equal(await tried("./saved.json", "--plan", "saved.json"), "trace-not-writable");
  assert.equal(await tried("pipe"), "trace-not-writable");
  assert.equal(await readFile(config, "utf8"), before);

  await writeFile(config, before.replace('"app"', '"apq"'));
  const own = path.join(folder, "app/tiny_app.py");
  const text = await readFile(own, "utf8");
  for (const file of ["app/tiny_app.py", "app/t.json"]) assert.equal(await tried(file), "config-invalid");
  assert.equal(await readFile(own, "utf8"), text);
  await assert.rejects(readFile(path.join(folder, "app/t.json")), /ENOENT/);
});

test("an older file is replaced by a shorter trace; one that takes nothing is told of and changes no outcome", async (t) => {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, { name: "unwritten", image });
  await writeFile(path.join(folder, "t.json"), "x".repeat(1_000_000));
  const destroy = ["destroy", "--yes", "--trace"];
  assert.equal((await aws.run([...destroy, "t.json"], { cwd: folder })).code, 0);
  assert.ok((await readTrace(path.join(folder, "t.json"))).length > 0);
  const full = await aws.run([...destroy, "/dev/full"], { cwd: folder });
  assert.equal(full.code, 0);
  assert.match(full.stderr, /The trace could not be written to \/dev\/full: ENOSPC/);
});
