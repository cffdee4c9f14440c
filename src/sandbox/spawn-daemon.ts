import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { packagePath } from "../bake/package-root.ts";
import { Failure } from "../failure.ts";
import type { Report } from "../progress.ts";
import type { DaemonMessage } from "./messages.ts";
import type { SandboxRecord } from "./record.ts";

interface SpawnOptions {
  id: string;
  machines: boolean;
  motoCommand: string | undefined;
  stateFolder: string;
  report: Report;
}

/** Starts the daemon so that it outlives this process, and waits until it is ready. */
export async function spawnDaemon({
  id,
  machines,
  motoCommand,
  stateFolder,
  report,
}: SpawnOptions): Promise<SandboxRecord> {
  const file = packagePath(import.meta.url.endsWith(".ts") ? "src/sandbox/daemon.ts" : "dist/sandbox/daemon.cjs");
  const logFile = join(stateFolder, "daemon.log");
  const output = await open(logFile, "a", 0o600);
  const args = [file, "--id", id, ...(machines ? ["--machines"] : []), ...(motoCommand ? ["--moto", motoCommand] : [])];
  const daemon = spawn(process.execPath, [...loaderArguments(process.execArgv), ...args], {
    detached: true,
    stdio: ["ignore", output.fd, output.fd, "ipc"],
    env: daemonEnvironment(process.env),
  });
  await output.close();

  try {
    return await new Promise<SandboxRecord>((resolve, reject) => {
      daemon.on("message", (message: DaemonMessage) => {
        if (message.type === "progress") report(message.event);
        else if (message.type === "ready") resolve(message.record);
        else reject(new Failure(message.failure));
      });
      daemon.once("error", reject);
      daemon.once("exit", (code, signal) => {
        void lastLines(logFile).then((reason) =>
          reject(
            new Failure({
              code: "sandbox-not-started",
              message: `The sandbox's daemon ended (${signal ?? `exit code ${code}`}) before it was ready.`,
              reason,
              fix: `See what its log ${logFile} says, then try again: multivac sandbox start`,
            }),
          ),
        );
      });
    });
  } finally {
    if (daemon.connected) daemon.disconnect();
    daemon.unref();
  }
}

/** The arguments by which this process loads TypeScript, when it runs from the sources. */
function loaderArguments(execArguments: readonly string[]): string[] {
  const kept: string[] = [];
  for (const [index, argument] of execArguments.entries()) {
    if (/^--(import|require|loader|experimental-loader)$/.test(argument)) {
      kept.push(argument, execArguments[index + 1] ?? "");
    } else if (/^--(import|require|loader|experimental-loader)=/.test(argument)) kept.push(argument);
  }
  return kept;
}

/** Without what concerns this process alone: the test runner's mark, and the user's AWS access. */
function daemonEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => name !== "NODE_TEST_CONTEXT" && !name.startsWith("AWS_"));
  return { ...Object.fromEntries(kept), AWS_EC2_METADATA_DISABLED: "true" };
}

async function lastLines(file: string): Promise<string | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-5).join("\n") || undefined;
}
