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

test("a stdout that cannot be written is told once, and by the exit code; one that has no reader for now is waited for", async () => {
  const bash = (line: string) =>
    execa("bash", ["-c", line], { env: environment(), extendEnv: false, reject: false, stripFinalNewline: false });
  for (const words of ["--version", "--help", "deploy --help", "schema"]) {
    const { exitCode, stderr } = await bash(`'${process.execPath}' '${commandFile}' ${words} > /dev/full`);
    assert.equal(exitCode, 1, words);
    assert.match(stderr, /^stdout cannot be written: ENOSPC[^\n]*\n$/, words);
  }
  const whole = await multivac(["--help"]);
  // A pipe that does not wait, with little room, and nobody reading: what comes is more than it takes.
  const full = `import fcntl, os, subprocess, sys, time
read, write = os.pipe()
fcntl.fcntl(write, 1031, 4096)
os.set_blocking(write, False)
os.write(write, b"x" * 4096)
child = subprocess.Popen(sys.argv[1:], stdout=write)
os.close(write)
time.sleep(1)
print(open(read).read()[4096:], end="")
sys.exit(child.wait())`;
  const slow = await execa("python3", ["-c", full, process.execPath, commandFile, "--help"], {
    env: environment(),
    extendEnv: false,
    stripFinalNewline: false,
  });
  assert.equal(slow.stdout.trimEnd(), whole.stdout.trimEnd());
});
