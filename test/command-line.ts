import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

/** The built command, as a user has it. */
const commandFile = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
export const packageRoot = fileURLToPath(new URL("../", import.meta.url));

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** The one JSON document on stdout. */
  json(): Record<string, unknown> & { error?: { code: string; message: string; cause?: string; fix?: string } };
}

/** Runs the built command as a process of its own, without anything of this machine's AWS settings. */
export async function multivac(
  args: string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Promise<Ran> {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|MULTIVAC_|CI$|NO_COLOR|FORCE_COLOR|NODE_TEST)/.test(name)),
  );
  const result = await execa(process.execPath, [commandFile, ...args], {
    cwd: options.cwd ?? packageRoot,
    env: {
      ...clean,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      ...options.env,
    },
    extendEnv: false,
    input: options.input ?? "",
    reject: false,
    timeout: 240_000,
  });
  return {
    code: result.exitCode ?? -1,
    stdout: result.stdout,
    stderr: result.stderr,
    json: () => JSON.parse(result.stdout),
  };
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
