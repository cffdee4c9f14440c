import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { multivac, packageRoot } from "../../command-line.ts";
import { baking, bakingByAge, bakingElsewhere, bakingNothing, keeping } from "./bake.ts";
import { inPlace } from "./in-place.ts";
import { subnets, vpc } from "./network.ts";
import { replacing, rolling } from "./roll.ts";
import { checking, moving, naming } from "./stack.ts";

/** Every key of the config has an entry in one of the tables, which the tests beside this one go by. */

const live = { release: "", image: "", layer: "" };
const nowhere = { vpcId: "", subnetIds: [] };
const tables = [
  ...naming,
  ...checking,
  ...moving(nowhere),
  ...baking(live),
  ...bakingElsewhere(live),
  ...bakingByAge(live),
  ...bakingNothing,
  ...keeping,
  ...rolling({ from: "", to: "" }),
  ...replacing,
  subnets(nowhere, nowhere),
  vpc(nowhere, nowhere),
  ...inPlace,
];

interface Schema {
  properties?: Record<string, Schema>;
}

/** The keys that hold values, by their dotted names. */
function keysOf(schema: Schema, above: readonly string[] = []): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
    inner.properties ? keysOf(inner, [...above, key]) : [[...above, key].join(".")],
  );
}

/** But for what only says other keys anew, in one environment (`test/commands/environments.test.ts`). */
const schemaKeys = async () =>
  keysOf(JSON.parse((await multivac(["schema"])).stdout))
    .filter((key) => key !== "environments")
    .sort();

test("what changing a key does is tested for every key of the schema, and for no other", async () => {
  const keys = await schemaKeys();
  assert.ok(keys.length > 30);
  assert.deepEqual(tables.map(({ key }) => key).sort(), keys);
});

test("and is told in the docs, of the key or of the section it is in", async () => {
  const docs = await readFile(path.join(packageRoot, "docs/config.md"), "utf8");
  const [, told = ""] = docs.split("## What changing a key does");
  const untold = (await schemaKeys()).filter((key) => {
    const parts = key.split(".");
    const names = parts.flatMap((part, index) => [part, parts.slice(0, index + 1).join(".")]);
    return !names.some((name) => told.includes(`\`${name}\``));
  });
  assert.deepEqual(untold, []);
});
