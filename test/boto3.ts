import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { foldersOf } from "../src/sandbox/folders.ts";
import { findMotoServer } from "../src/sandbox/prerequisites.ts";
import { packageRoot } from "./command-line.ts";

// biome-ignore lint/suspicious/noExplicitAny: AWS's own answer, as boto3 gives it
type Answer = any;

/** How a script ended that `boto3-scripts.py` has run. */
interface Ended {
  id: number;
  answer?: Answer;
  error?: string;
}

interface Runner {
  input: Pick<Socket, "write">;
  output: Socket;
  waiting: Map<number, (ended: Omit<Ended, "id">) => void>;
}

let runner: Promise<Runner> | undefined;
let scripts = 0;

/**
 * Runs a script in Python: see `boto3-scripts.py` for what it has. The result is what it answers. The variables in `env`
 * say which AWS its clients ask. All scripts of a test file run in one process, which ends with it.
 */
export async function python(env: Record<string, string>, script: string, ...args: unknown[]): Promise<Answer> {
  runner ??= start();
  const { input, output, waiting } = await runner;
  scripts += 1;
  const id = scripts;
  const settings = {
    endpoint_url: env.AWS_ENDPOINT_URL,
    region_name: env.AWS_DEFAULT_REGION,
    aws_access_key_id: env.AWS_ACCESS_KEY_ID,
    aws_secret_access_key: env.AWS_SECRET_ACCESS_KEY,
  };
  const ended = new Promise<Omit<Ended, "id">>((resolve) => waiting.set(id, resolve));
  output.ref();
  input.write(`${JSON.stringify({ id, script, settings, arguments: args })}\n`);
  const { answer, error } = await ended;
  if (waiting.size === 0) output.unref();
  if (error !== undefined) throw new Error(error);
  return answer;
}

/** Nothing of Python keeps this process from ending, but a script that runs. */
async function start(): Promise<Runner> {
  const { MULTIVAC_TEST_PYTHON: prepared } = process.env;
  return await (prepared ? join(prepared) : spawned());
}

/** Has `prepared-python.py` fork one that has boto3 loaded. */
async function join(prepared: string): Promise<Runner> {
  const socket = connect(prepared);
  await once(socket, "connect");
  socket.write("{}\n");
  socket.unref();
  return { input: socket, output: socket, waiting: answersOf(socket, () => "") };
}

async function spawned(): Promise<Runner> {
  const { PATH = "" } = process.env;
  const env = { PATH, AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };
  const child = spawn(await pythonProgram(), [path.join(packageRoot, "test/boto3-scripts.py")], { env });
  let said = "";
  child.stderr.on("data", (text: Buffer) => {
    said += text;
  });
  const { stdin, stdout, stderr } = child as unknown as { stdin: Socket; stdout: Socket; stderr: Socket };
  const waiting = answersOf(stdout, () => said);
  stdin.on("error", () => {});
  await once(child, "spawn");
  for (const held of [child, stdin, stdout, stderr]) held.unref();
  return { input: stdin, output: stdout, waiting };
}

/** Those who wait for an answer, who get it when it comes, or an error when none comes any more. */
function answersOf(output: Socket, said: () => string): Runner["waiting"] {
  const waiting: Runner["waiting"] = new Map();
  createInterface({ input: output }).on("line", (line) => {
    const { id, ...ended } = JSON.parse(line) as Ended;
    waiting.get(id)?.(ended);
    waiting.delete(id);
  });
  output.on("error", () => {});
  output.on("close", () => {
    runner = undefined;
    for (const end of waiting.values()) end({ error: `Python has ended. ${said()}` });
  });
  return waiting;
}

/** The Python that has boto3: the one beside moto, or the system's. */
async function pythonProgram(): Promise<string> {
  const moto = await motoServer();
  return moto.startsWith(foldersOf("tests").cache) ? path.join(path.dirname(moto), "python3") : "python3";
}

/** The moto_server that the sandbox would run. */
export async function motoServer(): Promise<string> {
  const found = await findMotoServer({
    machines: false,
    cacheFolder: foldersOf("tests").cache,
    environment: process.env,
  });
  if (!found) throw new Error("moto_server is missing; npm test installs it");
  return found;
}

/**
 * Calls an AWS API by boto3: what another tool or another person does. The result is boto3's own, so that keys and
 * values are AWS's.
 */
export function boto(
  env: Record<string, string>,
  service: string,
  operation: string,
  parameters: object = {},
): Promise<Answer> {
  return python(
    env,
    "answer(getattr(client(arguments[0]), arguments[1])(**arguments[2]))",
    service,
    operation,
    parameters,
  );
}
