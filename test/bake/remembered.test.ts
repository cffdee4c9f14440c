import assert from "node:assert/strict";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { recall, remember } from "../../src/bake/remembered.ts";
import { temporaryFolder } from "../command-line.ts";

/** A PATH with one program, and a cache of its own. */
async function setUp(t: TestContext, name: string, content: string) {
  const folder = await temporaryFolder(t);
  const env = { PATH: path.join(folder, "bin"), HOME: folder };
  const file = path.join(folder, "bin", name);
  const write = async (text: string, place = file) => {
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, text);
    await chmod(place, 0o755);
  };
  await write(content);
  return { folder, env, write, file };
}

test("what a program has printed is known until its file is another", async (t) => {
  const { env, write } = await setUp(t, "packer", "\u007fELF one");
  assert.equal(recall("packer", env), undefined);
  remember("packer", env, "Packer v1.6.6");
  assert.equal(recall("packer", env), "Packer v1.6.6");
  assert.equal(recall("packer", { ...env, PATH: "/nowhere" }), undefined);
  await write("\u007fELF the second");
  assert.equal(recall("packer", env), undefined);
});

test("Ansible's is known until the package below its script is another", async (t) => {
  const { folder, env, write } = await setUp(t, "ansible-playbook", "#!/usr/bin/python3\nimport ansible\n");
  const release = path.join(folder, "ansible", "release.py");
  await write("__version__ = '2.14.18'", release);
  const printed = `ansible-playbook [core 2.14.18]\n  ansible python module location = ${path.dirname(release)}\n`;
  remember("ansible-playbook", env, printed);
  assert.equal(recall("ansible-playbook", env), printed);
  assert.equal(recall("ansible-playbook", { ...env, PYTHONPATH: folder }), undefined, "another Ansible may be first");
  await write("__version__ = '2.17.0'", release);
  assert.equal(recall("ansible-playbook", env), undefined);
});

test("what chooses a version each time it runs is asked each time", async (t) => {
  for (const [name, content] of [
    ["packer", "#!/bin/sh\nexec packer-$(cat .packer-version)\n"],
    ["ansible-playbook", "#!/usr/bin/env python3\n"],
  ] as const) {
    const { env } = await setUp(t, name, content);
    remember(name, env, "core 2.14.18\n  ansible python module location = /usr/lib\n");
    assert.equal(recall(name, env), undefined, content);
  }
  const { env, file, folder } = await setUp(t, "mise", "\u007fELF");
  await symlink(file, path.join(folder, "bin", "packer"));
  remember("packer", env, "Packer v1.6.6");
  assert.equal(recall("packer", env), undefined, "a link to a version manager");
});

test("a cache that cannot be read, or written, loses nothing", async (t) => {
  const { env, write, folder } = await setUp(t, "packer", "\u007fELF");
  const cache = path.join(folder, ".cache", "multivac", "versions.json");
  for (const content of [
    "{",
    "[]",
    "null",
    `{"${folder}/bin/packer":{"printed":7}}`,
    `{"${folder}/bin/packer":{"printed":"x","files":{}}}`,
  ]) {
    await write(content, cache);
    assert.equal(recall("packer", env), undefined, content);
  }
  remember("packer", { ...env, XDG_CACHE_HOME: "/dev/null" }, "Packer v1.6.6");
});
