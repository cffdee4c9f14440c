import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { commandFile, environment, multivac, packageRoot, temporaryFolder } from "../command-line.ts";
import { programs } from "../programs.ts";

const { version } = JSON.parse(await readFile(path.join(packageRoot, "package.json"), "utf8"));

test("--version prints its own alone on the first line, below it what it runs on; the second time from memory", async (t) => {
  const HOME = await temporaryFolder(t);
  for (const _ of ["asked", "remembered"]) {
    const ran = await multivac(["--version"], { env: { HOME } });
    assert.equal(ran.code, 0, ran.stderr);
    const [own, ...others] = ran.stdout.split("\n");
    assert.equal(own, version);
    assert.equal(others[0], `node ${process.versions.node}`);
    assert.match(others[1] ?? "", /^packer \d+\.\d+\.\d+$/);
    assert.match(others[2] ?? "", /^ansible \d+\.\d+\.\d+/);
  }
  const known = Object.keys(JSON.parse(await readFile(path.join(HOME, ".cache/multivac/versions.json"), "utf8")));
  assert.deepEqual(known.map((file) => path.basename(file)).sort(), ["ansible-playbook", "packer"]);
});

test("what is not there, or is something else, is said so", async (t) => {
  const ran = await multivac(["--version"], { env: await programs(t, [], { packer: "echo 0 0" }) });
  assert.deepEqual(ran.stdout.split("\n").slice(2), [
    "packer not usable: The `packer` on PATH is another program.",
    "ansible not found",
  ]);
  assert.equal(ran.code, 0);
});

test("whoever wants the first line alone may hang up after it", async () => {
  for (const [words, first] of [
    ["--version", version],
    ["--help", "Usage: multivac [options] [command]"],
    ["deploy --help", "Usage: multivac deploy [options]"],
    ["completion bash", undefined],
  ] as const) {
    const pipe = `'${process.execPath}' '${commandFile}' ${words} | head -n 1`;
    const { stdout, stderr } = await execa("bash", ["-o", "pipefail", "-c", pipe], {
      env: environment(),
      extendEnv: false,
    });
    assert.deepEqual([stdout, stderr], [first ?? stdout, ""], words);
  }
});
