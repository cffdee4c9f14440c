import assert from "node:assert/strict";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { it } from "node:test";
import { execa } from "execa";
import { packagePath } from "../../src/bake/package-root.ts";
import { temporaryFolder } from "../command-line.ts";

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

it("pip builds on the disk, not in the memory that /tmp may be", async () => {
  const files = ["requirements.yml", "runtime.yml"].map((name) => path.join(ansible, "roles/app/tasks", name));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const tasks = texts.flatMap((text) => text.split(/^- name: /m)).filter((task) => task.includes("pip, install"));
  assert.equal(tasks.length, 2);
  for (const task of tasks) assert.match(task, /^ {2}environment:\n {4}TMPDIR: \/var\/tmp$/m);
});

it("snaps are held once, and a system without them is left alone", async (t) => {
  const folder = await temporaryFolder(t);
  const state = path.join(folder, "hold");
  const snap = path.join(folder, "snap");
  const script = path.join(ansible, "roles/base/files/hold-snaps.sh");
  const run = (PATH: string) => execa("/bin/sh", [script], { env: { PATH }, extendEnv: false });
  assert.equal((await run(folder)).stdout, "");
  // As snapd answers: an option that was never set is an error.
  const get = `[ -e "${state}" ] && echo forever || exit 1`;
  await writeFile(snap, `#!/bin/sh\ncase "$*" in "get system refresh.hold") ${get};; *--hold) : >"${state}";; esac\n`);
  await chmod(snap, 0o755);
  assert.equal((await run(folder)).stdout, "", "snapd is not active");
  const systemctl = path.join(folder, "systemctl");
  await writeFile(systemctl, "#!/bin/sh\n");
  await chmod(systemctl, 0o755);
  assert.equal((await run(folder)).stdout, "held");
  assert.equal((await run(folder)).stdout, "");
});
