import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { commandFile, environment, packageRoot } from "./command-line.ts";

/** A run of the built command that goes on until it is ended. */
export interface Followed {
  /** Waits until stdout or stderr holds something. */
  until(written: RegExp): Promise<void>;
  stdout(): string;
  stderr(): string;
  /** The documents of stdout up to now, one a line. */
  // biome-ignore lint/suspicious/noExplicitAny: each command's own
  documents(): any[];
  /** Ends it by a signal; gives its exit code. */
  end(signal?: NodeJS.Signals): Promise<number>;
  /** The exit code, once it has ended. */
  ended: Promise<number>;
  /** Closes the other end of its stdout; gives its exit code. */
  closeStdout(): Promise<number>;
}

/** Starts the built command without a terminal; it ends with the test. */
export function startFollowing(test: TestContext, args: string[], env: Record<string, string>): Followed {
  const child = execa(process.execPath, [commandFile, ...args], {
    cwd: packageRoot,
    env: environment(env),
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    buffer: false,
    timeout: 120_000,
  });
  test.after(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  let code: number | undefined;
  const ended = child.then(({ exitCode }) => {
    code = exitCode ?? -1;
    return code;
  });
  return {
    async until(written) {
      for (const limit = Date.now() + 60_000; !written.test(`${stdout}\n${stderr}`); await sleep(50))
        assert.ok(Date.now() < limit && code === undefined, `${written} in:\n${stdout}\n${stderr}\nended with ${code}`);
    },
    stdout: () => stdout,
    stderr: () => stderr,
    documents: () => stdout.split("\n").flatMap((line) => (line ? [JSON.parse(line)] : [])),
    ended,
    end(signal = "SIGINT") {
      child.kill(signal);
      return ended;
    },
    closeStdout() {
      child.stdout.destroy();
      return ended;
    },
  };
}
