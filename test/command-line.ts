import { realpathSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

/** The built command, as a user has it; where tests run compiled it is linked to from beside them. */
export const commandFile = realpathSync(fileURLToPath(new URL("../dist/cli.cjs", import.meta.url)));
export const packageRoot = `${path.resolve(path.dirname(commandFile), "..")}${path.sep}`;

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** The one JSON document on stdout. */
  json(): Record<string, unknown> & { error?: { code: string; message: string; cause?: string; fix?: string } };
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
  /** Sends a signal as soon as stderr holds something. */
  signal?: { name: NodeJS.Signals; when: RegExp };
  /** Kills the process (SIGKILL) when this resolves. */
  killed?: Promise<unknown>;
  /** Closes the other end of stderr after the first thing that comes. */
  closeStderr?: boolean;
}

/** This process's environment without anything of this machine's AWS settings, and `more`. */
export function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const ours = /^(AWS_|MULTIVAC_|CI$|NO_COLOR|FORCE_COLOR|NODE_TEST)/;
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
  const noAws = {
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
  return { ...clean, ...noAws, ...more };
}

/** Runs the built command as a process of its own, without anything of this machine's AWS settings. */
export async function multivac(args: string[], options: RunOptions = {}): Promise<Ran> {
  const child = execa(process.execPath, [commandFile, ...args], {
    cwd: options.cwd ?? packageRoot,
    env: environment(options.env),
    extendEnv: false,
    input: options.input ?? "",
    reject: false,
    timeout: 600_000,
  });
  options.killed?.then(() => child.kill("SIGKILL"));
  let told = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (options.closeStderr) child.stderr.destroy();
    if (!options.signal || options.signal.when.test(told)) return;
    told += chunk.toString();
    if (options.signal.when.test(told)) child.kill(options.signal.name);
  });
  const { exitCode, stdout, stderr } = await child;
  return { code: exitCode ?? -1, stdout, stderr, json: () => JSON.parse(stdout) };
}

/** A folder for one test, removed after it. */
export async function temporaryFolder(test: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "multivac-"));
  test.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A config that is right, but for what `changes` puts into it. Its app is the starter app, in `folder/app`. */
export async function writeConfig(folder: string, changes: Record<string, unknown> = {}): Promise<string> {
  await cp(path.join(packageRoot, "templates/app"), path.join(folder, "app"), { recursive: true });
  const file = path.join(folder, "config.json");
  await writeFile(file, JSON.stringify({ ...goodConfig, ...changes }, null, 2));
  return file;
}

export const goodConfig = {
  name: "hello",
  environment: "test",
  region: "ap-southeast-2",
  app: { path: "app", module: "tiny_app:app", requirements: "requirements.txt", packages: ["python3-flask"] },
  network: { vpcId: "vpc-0123456789abcdef0", subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"] },
};
