import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { begun } from "../../src/engine/told.ts";
import { criticalPath } from "../../src/output/critical-path.ts";
import { recordRun, type SpanRecord, type TaskRecord } from "../../src/output/record.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { standIns } from "../policy/programs.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("critical-path", { machines: false });
});
after(() => aws?.stop());

const task = (name: string, start: number, end?: number, more: Partial<TaskRecord> = {}): TaskRecord => ({
  name,
  start,
  ...(end === undefined ? {} : { end }),
  steps: [],
  ...more,
});
const call = (of: string, start: number, end: number): SpanRecord => ({
  kind: "call",
  name: "ec2:X",
  task: of,
  start,
  end,
});
const names = (tasks: TaskRecord[], end: number) =>
  criticalPath({ tasks, spans: [] }, end).tasks.map(({ name }) => name);

test("what no other task waits for is no link while it goes on, nor where others end later", () => {
  const bake = task("image", 0, 100);
  const group = task("auto scaling group", 100, 110);
  const builder = (end?: number) => task("builder", 100, end, { aside: true });
  assert.deepEqual(names([bake, builder(), group], 110), ["image", "auto scaling group"]);
  assert.deepEqual(names([bake, builder(108), group, task("roll", 110, 150)], 150), [
    "image",
    "auto scaling group",
    "roll",
  ]);
  assert.deepEqual(names([bake, builder(160), group], 160), ["image", "builder"], "the run's end waited for it");
});

test("a task that others go on with before it ends is a link up to there", () => {
  const targets = task("target group", 10, 60, { usable: 30 });
  const tasks = [task("lock", 0, 10), targets, task("listener", 30, 50), task("tidy", 60, 80)];
  assert.deepEqual(names(tasks, 50), ["lock", "target group", "listener"]);
  const spans = [call("lock", 0, 10), call("target group", 10, 60), call("listener", 30, 50)];
  const path = criticalPath({ tasks: tasks.slice(0, 3), spans }, 50);
  assert.deepEqual([path.aws, path.own], [50, 0], "its time is AWS's, no gap of the tool's");
  assert.deepEqual(names(tasks, 80), ["lock", "target group", "tidy"], "what waits for all of it, waits for its end");
});

test("what a resource leaves for meanwhile is recorded as going on after others could use it", async () => {
  const { report, record } = recordRun(() => undefined);
  const scope = { report, signal: new AbortController().signal } as Parameters<typeof begun>[1];
  let finish = () => {};
  const rest = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const resource = { resource: "target-group" } as Parameters<typeof begun>[0];
  const { done } = await begun(resource, scope, async (_, meanwhile) => {
    meanwhile(rest);
    return { id: "tg", tags: {} };
  });
  const [told] = record.tasks;
  assert.ok(told?.usable !== undefined && told.end === undefined);
  finish();
  await done;
  assert.ok((told.end ?? 0) >= told.usable);
});

test("the bake is on the critical path of a deploy that does not wait, while its builder is taken down", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app });
  const slow = (action: string) => ({ action, fault: { kind: "delay", seconds: 4 } });
  await aws.control("faults", { rules: [slow("StopInstances"), slow("TerminateInstances")] });
  const env = { ...(await standIns(cwd)), LC_ALL: "C" };
  const ran = await aws.run(["deploy", "--yes", "--no-wait"], { cwd, env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /^ {2}image +[\d.]+ s +#+$/m, ran.stderr);
  const [, seconds] = /critical path: .*bake ([\d.]+) s/.exec(ran.stderr) ?? [];
  assert.ok(Number(seconds) >= 4, ran.stderr);
});
