import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { faultsBody } from "../../src/sandbox/endpoint/faults/rule.ts";
import { multivac, packageRoot, temporaryFolder } from "../command-line.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("faults", { machines: false });
});
after(() => aws?.stop());

const faults = (...args: string[]) => aws.run(["sandbox", "faults", ...args]);

test("a file puts faults on, the next one replaces them, and --clear takes them off", async (t) => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, "faults.json");
  await writeFile(file, JSON.stringify({ rules: [{ service: "sts", fault: { kind: "expired" } }] }));
  const on = await faults(file);
  assert.equal(on.code, 0, on.stderr);
  assert.match(on.stdout, /"service":"sts".*"kind":"expired".*so far 0/);
  const status = await aws.run(["status", "--name", "hello", "--environment", "test", "--json"]);
  assert.equal(status.json().error?.code, "credentials-expired");
  assert.match((await faults()).stdout, /so far 1/);

  const random = await faults("--seed", "7", "--json");
  const { faults: shown } = random.json() as unknown as { faults: { rules: []; random: { seed: number } } };
  assert.deepEqual([shown.rules, shown.random.seed], [[], 7]);

  const cleared = await faults("--clear");
  assert.match(cleared.stdout, /No faults are on/);
  assert.equal((await aws.run(["status", "--name", "hello", "--environment", "test"])).code, 3);
});

test("--seed takes the place of the file's", async (t) => {
  const file = path.join(await temporaryFolder(t), "faults.json");
  await writeFile(file, JSON.stringify({ random: { seed: 1, rate: 0.5 } }));
  const { faults: shown } = (await faults(file, "--seed", "9", "--json")).json() as unknown as {
    faults: { seed: number; random: { seed: number; rate: number } };
  };
  assert.deepEqual([shown.seed, shown.random.seed, shown.random.rate], [9, 9, 0.5]);
  await faults("--clear");
});

test("a file that is wrong is refused with what is wrong, and nothing is put on", async (t) => {
  const file = path.join(await temporaryFolder(t), "faults.json");
  for (const [text, why] of [
    ['{ "rules": [{ "fault": { "kind": "explode" } }] }', /kind|Invalid/],
    ["{", /JSON/],
    ["[]", /expected object/],
  ] as const) {
    await writeFile(file, text);
    const ran = await faults(file, "--json");
    assert.equal(ran.code, 1);
    assert.equal(ran.json().error?.code, "faults-invalid");
    assert.match(ran.json().error?.cause ?? "", why);
  }
  assert.equal((await faults(`${file}.none`, "--json")).json().error?.code, "faults-invalid");
  assert.equal((await faults("--seed", "1", "--clear", "--json")).json().error?.code, "wrong-call");
  assert.equal((await faults("--seed", "x", "--json")).json().error?.code, "wrong-call");
  assert.match((await faults()).stdout, /No faults are on/);
});

test("without a running sandbox it says so", async () => {
  const ran = await multivac(["sandbox", "faults", "--json"], { env: { MULTIVAC_SANDBOX: "test-faults-none" } });
  assert.equal(ran.code, 1);
  assert.equal(ran.json().error?.code, "sandbox-not-running");
});

test("the examples in the docs are right, and every kind of fault is told there", async () => {
  const text = await readFile(path.join(packageRoot, "docs/sandbox.md"), "utf8");
  const section = text.slice(text.indexOf("\n## Faults"), text.indexOf("\n## Control"));
  const examples = section.match(/(?<=\n\n)( {4}\{[^\n]*\n)( {4,}[^\n]*\n)*/g) ?? [];
  assert.equal(examples.length, 2);
  for (const example of examples) faultsBody.parse(JSON.parse(example));
  const kinds = faultsBody.shape.rules
    .unwrap()
    .element.shape.fault.options.map((option) => [...option.shape.kind.values][0]);
  assert.equal(kinds.length, 12);
  for (const kind of kinds) assert.ok(section.includes(`{"kind": "${kind}"`), kind);
});
