import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  findMotoServer,
  installCommand,
  missingPrerequisites,
  prerequisites,
} from "../../src/sandbox/prerequisites.ts";

let cacheFolder: string;
before(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), "multivac-prerequisites-"));
});
after(() => rm(cacheFolder, { recursive: true }));

test("without machines only the API is needed", async () => {
  const missing = await missingPrerequisites({ machines: false, cacheFolder, environment: { PATH: "" } });
  assert.deepEqual(
    missing.map(({ what }) => what),
    ["moto_server"],
  );
  assert.match(missing[0]?.fix ?? "", /venv .*moto.*pip install/);
});

test("a moto in the cache folder will do, and goes before the PATH's", async () => {
  const folder = join(cacheFolder, "moto", "bin");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "moto_server"), "#!/bin/sh\n");
  const options = { machines: false, cacheFolder, environment: { PATH: "" } };
  assert.equal((await missingPrerequisites(options)).length, 1);
  await chmod(join(folder, "moto_server"), 0o755);
  assert.deepEqual(await missingPrerequisites(options), []);
  assert.equal(await findMotoServer({ ...options, environment: process.env }), join(folder, "moto_server"));
});

test("what is missing comes as one command", () => {
  const missing = prerequisites
    .filter(({ what }) => ["haproxy", "ip", "root"].includes(what))
    .map((one) => ({ ...one, fix: "" }));
  assert.deepEqual(installCommand(missing)?.slice(-2), ["haproxy", "iproute2"]);
  assert.equal(installCommand([]), undefined);
});

test("every prerequisite says why it is one", () => {
  for (const { why } of prerequisites) assert.ok(why.length > 10);
});
