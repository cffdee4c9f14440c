import assert from "node:assert/strict";
import { test } from "node:test";
import { criticalPath } from "../../src/output/critical-path.ts";
import type { SpanRecord, TaskRecord } from "../../src/output/record.ts";

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

test("a task that others go on with before it ends is a link up to there", () => {
  const targets = task("target group", 10, 60, { usable: 30 });
  const tasks = [task("lock", 0, 10), targets, task("listener", 30, 50), task("tidy", 60, 80)];
  assert.deepEqual(names(tasks, 50), ["lock", "target group", "listener"]);
  const spans = [call("lock", 0, 10), call("target group", 10, 60), call("listener", 30, 50)];
  const path = criticalPath({ tasks: tasks.slice(0, 3), spans }, 50);
  assert.deepEqual([path.aws, path.own], [50, 0], "its time is AWS's, no gap of the tool's");
  assert.deepEqual(names(tasks, 80), ["lock", "target group", "tidy"], "what waits for all of it, waits for its end");
});
