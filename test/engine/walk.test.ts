import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { AnyResource } from "../../src/engine/resource.ts";
import { dependents, walk } from "../../src/engine/walk.ts";

const part = (resource: string, ...dependsOn: AnyResource[]): AnyResource => ({
  resource,
  kind: resource,
  dependsOn,
  find: async () => [],
});

const a = part("a");
const b = part("b");
const c = part("c", a, b);
const d = part("d", c);
const all = [d, c, b, a];
const needs = (resource: AnyResource) => resource.dependsOn;

test("each starts the moment its own dependencies are done, and independent ones go side by side", async () => {
  const log: string[] = [];
  await walk(all, needs, async ({ resource }) => {
    log.push(`+${resource}`);
    await sleep(resource === "a" ? 20 : 5);
    log.push(`-${resource}`);
  });
  assert.deepEqual(log.slice(0, 2).sort(), ["+a", "+b"]);
  assert.deepEqual(log.slice(2), ["-b", "-a", "+c", "-c", "+d", "-d"]);
});

test("a failure stops only what comes after it, and all errors come back together", async () => {
  const visited: string[] = [];
  const failing = walk([...all, part("e")], needs, async ({ resource }) => {
    visited.push(resource);
    if (resource === "a" || resource === "b") throw new Error(`no ${resource}`);
  });
  await assert.rejects(failing, (error: AggregateError) => {
    assert.deepEqual(error.errors.map((each: Error) => each.message).sort(), ["no a", "no b"]);
    return true;
  });
  assert.deepEqual(visited.sort(), ["a", "b", "e"]);
});

test("turned round, dependents go first, and what is deleted after something waits for it", async () => {
  const late = { ...part("late"), deletedAfter: [d] };
  const order: string[] = [];
  const resources = [a, b, c, d, late];
  await walk(resources, dependents(resources), async ({ resource }) => void order.push(resource));
  assert.equal(order[0], "d");
  assert.ok(order.indexOf("late") > order.indexOf("d"));
  assert.deepEqual(
    order.filter((each) => each !== "late"),
    ["d", "c", "a", "b"],
  );
});

test("what outlives something waits for it only where that shall finish", async () => {
  const door = { ...part("door"), outlives: [d] };
  const resources = [door, d];
  const waitsFor = (gently: boolean) => dependents(resources, { gently })(door).map(({ resource }) => resource);
  assert.deepEqual(waitsFor(true), ["d"]);
  assert.deepEqual(waitsFor(false), []);
});
