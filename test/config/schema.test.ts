import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { multivac, packageRoot } from "../command-line.ts";

const read = async (file: string): Promise<Record<string, object>> =>
  JSON.parse(await readFile(path.join(packageRoot, file), "utf8"));

test("multivac schema prints the schema of the package, without a version around it", async () => {
  const { stdout, code } = await multivac(["schema"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), await read("config.schema.json"));
  assert.equal(JSON.parse(stdout).version, undefined);
});

test("the example config fits the schema, and what validate refuses does not", async () => {
  const validate = new Ajv2020({ strict: false }).compile(await read("config.schema.json"));
  const example = await read("config.example.json");
  assert.ok(validate(example), JSON.stringify(validate.errors));
  for (const wrong of [
    { ...example, name: "Hello" },
    { ...example, nam: "hello" },
    { ...example, network: { ...example.network, subnetIds: ["subnet-0123456789abcdef0"] } },
    { ...example, instances: { min: 0.5 } },
    { ...example, tags: { "aws:x": "y" } },
  ]) {
    assert.equal(validate(wrong), false, JSON.stringify(wrong));
  }
});
