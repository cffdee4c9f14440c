import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../src/config/nearest.ts";

const keys = ["name", "environment", "instances", "loadBalancer", "deletionProtection", "tags", "min", "max"];

for (const [typo, meant] of [
  ["nmae", "name"],
  ["enviroment", "environment"],
  ["instance", "instances"],
  ["load_balancer", "loadBalancer"],
  ["loadbalancer", "loadBalancer"],
  ["mn", "min"],
  ["tag", "tags"],
  ["zzz", undefined],
  ["", undefined],
] as const) {
  test(`${typo || "nothing"} means ${meant ?? "nothing known"}`, () => assert.equal(nearest(typo, keys), meant));
}
