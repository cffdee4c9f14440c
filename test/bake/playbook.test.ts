import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { it } from "node:test";
import { execa } from "execa";
import { packagePath } from "../../src/bake/package-root.ts";

const ansible = packagePath("ansible");
const env = { ANSIBLE_CONFIG: path.join(ansible, "ansible.cfg"), LC_ALL: "C.UTF-8", NO_COLOR: "1" };

it("the playbook's syntax is right", async () => {
  await execa("ansible-playbook", ["--syntax-check", "-i", "builder,", "playbook.yml"], { cwd: ansible, env });
});

it("the playbook passes ansible-lint's production profile", async () => {
  const args = ["--offline", "--profile", "production", "-q", "playbook.yml"];
  const { exitCode, all } = await execa("ansible-lint", args, { cwd: ansible, env, reject: false, all: true });
  assert.equal(exitCode, 0, all);
});

it("the playbook uses Ansible's own modules only", async () => {
  const { stdout } = await execa("grep", ["-rhoE", "^ +[a-z_]+\\.[a-z_]+\\.[a-z_]+:", ansible]);
  const foreign = stdout.split("\n").filter((line) => !line.trim().startsWith("ansible.builtin."));
  assert.deepEqual(foreign, []);
});

it("its shell scripts pass shellcheck", async () => {
  const files = (await readdir(ansible, { recursive: true })).filter((name) => name.endsWith(".sh"));
  assert.ok(files.length > 0);
  await execa("shellcheck", files, { cwd: ansible });
});
