import assert from "node:assert/strict";
import { test } from "node:test";
import { multivac } from "../../command-line.ts";
import { baking, bakingByAge, bakingElsewhere, bakingNothing, keeping } from "./bake.ts";
import { inPlace } from "./in-place.ts";
import { subnets, vpc } from "./network.ts";
import { replacing, rolling } from "./roll.ts";
import { checking, moving, naming } from "./stack.ts";

/** Every key of the config has an entry in one of the tables, which the tests beside this one go by. */

const live = { release: "", image: "" };
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

test("what changing a key does is told and tested for every key of the schema, and for no other", async () => {
  const { stdout } = await multivac(["schema"]);
  const keys = keysOf(JSON.parse(stdout)).sort();
  assert.ok(keys.length > 30);
  assert.deepEqual(tables.map(({ key }) => key).sort(), keys);
});
