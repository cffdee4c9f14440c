import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runGroup } from "../../src/bake/process-group.ts";
import { eventually } from "../eventually.ts";

const LIMITS = { totalMs: 20_000, cleanUpMs: 5_000, terminateMs: 300 };
/** Tidies up at SIGINT as Packer does, its child in the same group too. */
const TIDY = `sleep 60 & trap 'echo tidied; kill $!; exit 1' INT; echo "child $!"; wait`;
const STUBBORN = `trap '' INT TERM; sleep 60 & echo "child $!"; wait; wait; sleep 60`;

describe("runGroup", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "multivac-group-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const start = (script: string, limits = LIMITS) => {
    const [stop, kill] = [new AbortController(), new AbortController()];
    const output = path.join(folder, "output");
    const command = { program: "sh", args: ["-c", script], env: { PATH: process.env.PATH ?? "" }, folder, output };
    const result = runGroup(command, limits, stop.signal, kill.signal);
    return { stop, kill, result, output: () => readFileSync(output, "utf8") };
  };
  const printed = async (run: { output(): string }, pattern: RegExp) => {
    return await eventually(
      async () => existsSync(path.join(folder, "output")) && (pattern.exec(run.output()) ?? undefined),
    );
  };

  it("gives the exit code and keeps what was printed", async () => {
    const run = start("echo one; echo two >&2; exit 3");
    assert.deepEqual(await run.result, { exitCode: 3, signal: undefined, stopped: undefined });
    assert.equal(run.output(), "one\ntwo\n");
  });

  it("stops by SIGINT and waits for the clean-up", async () => {
    const run = start(TIDY);
    await printed(run, /child/);
    run.stop.abort();
    assert.equal((await run.result).stopped, "asked");
    assert.match(run.output(), /tidied/);
  });

  it("ends what does not heed SIGINT nor SIGTERM, and leaves no process of the group", async () => {
    const run = start(STUBBORN, { totalMs: 20_000, cleanUpMs: 200, terminateMs: 200 });
    const child = Number((await printed(run, /child (\d+)/))[1]);
    run.stop.abort();
    const result = await run.result;
    assert.deepEqual([result.stopped, result.signal], ["asked", "SIGKILL"]);
    assert.equal(await gone(child), true);
  });

  it("kills at once when told again", async () => {
    const run = start(STUBBORN);
    const child = Number((await printed(run, /child (\d+)/))[1]);
    run.stop.abort();
    run.kill.abort();
    assert.equal((await run.result).stopped, "killed");
    assert.equal(await gone(child), true);
  });

  it("has a time limit", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const run = start(TIDY);
    await printed(run, /child/);
    t.mock.timers.tick(LIMITS.totalMs);
    t.mock.timers.reset();
    assert.equal((await run.result).stopped, "timed-out");
    assert.match(run.output(), /tidied/);
  });

  it("stops at once when it was told before it began", async () => {
    const run = start("sleep 60");
    run.stop.abort();
    assert.equal((await run.result).stopped, "asked");
  });

  it("rejects when there is no such program", async () => {
    const never = new AbortController().signal;
    const command = { program: "no-such-program", args: [], env: {}, folder, output: path.join(folder, "output") };
    await assert.rejects(runGroup(command, LIMITS, never, never), { code: "ENOENT" });
  });

  it("has the group tidy up and the folder removed when this process is killed", async () => {
    const inner = await mkdtemp(path.join(folder, "inner-"));
    const tidied = path.join(folder, "tidied");
    const script = `sleep 60 & trap 'echo >"$TIDIED"; exit 1' INT; echo "child $!"; wait`;
    const source = fileURLToPath(new URL("../../src/bake/process-group.ts", import.meta.url));
    const program = `
      import { runGroup } from ${JSON.stringify(source)};
      const never = new AbortController().signal;
      const command = { program: "sh", args: ["-c", ${JSON.stringify(script)}], folder: ${JSON.stringify(inner)},
        env: { PATH: process.env.PATH, TIDIED: ${JSON.stringify(tidied)} }, output: ${JSON.stringify(path.join(inner, "output"))} };
      await runGroup(command, ${JSON.stringify(LIMITS)}, never, never);`;
    const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], {
      stdio: "ignore",
    });
    const output = path.join(inner, "output");
    const child = await eventually(
      async () => existsSync(output) && Number(/child (\d+)/.exec(readFileSync(output, "utf8"))?.[1]),
    );
    parent.kill("SIGKILL");
    await once(parent, "exit");
    await eventually(async () => !existsSync(inner));
    assert.equal(existsSync(tidied), true);
    assert.equal(existsSync(inner), false);
    assert.equal(await gone(child), true);
  });
});

/** Whether a process is gone, or about to be reaped by whoever inherited it. */
async function gone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 40; attempt++) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return true;
    } catch {
      return true;
    }
    await sleep(50);
  }
  return false;
}
