import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { PolicyDocument } from "../src/policy/document.ts";
import { foldersOf } from "../src/sandbox/folders.ts";
import { python } from "./boto3.ts";
import { multivac, packageRoot, type Ran, type RunOptions } from "./command-line.ts";
import { eventually } from "./eventually.ts";
import { policiesFor } from "./policy/allowing.ts";
import { recordCalls } from "./policy/recorded.ts";

/** A sandbox of one test file's own; others on the machine are not touched. */
export interface TestSandbox {
  id: string;
  endpoint: string;
  baseImageId: string;
  vpcId: string;
  subnetIds: string[];
  /** Variables by which other AWS tools reach it. */
  env: Record<string, string>;
  /**
   * Whether `run` may do only what `multivac policy` allows for the stacks that are run for at that time. The test may do
   * everything.
   */
  leastPolicies: boolean;
  /** Runs the built command with `--sandbox`. */
  run(args: string[], options?: RunOptions): Promise<Ran>;
  /** Everything it holds, read by boto3. */
  state(): Promise<AwsState>;
  /** Calls made since the last time this was asked; without a lock's heartbeats, which come where a run takes its time. */
  calls(): Promise<LoggedCall[]>;
  control(place: string, body: object): Promise<void>;
  /** What its faults have done so far. */
  faults(): Promise<FaultsShown>;
  /** Waits until a call is held by a fault. */
  held(): Promise<void>;
  /** Empties it, at once; its network is another one then. What `control` has set, but faults, stays. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

interface FaultsShown {
  rules: { action: string; fired: number }[];
  held: object[];
  /** What a caller does not see yet. */
  unknown: string[];
}

interface LoggedCall {
  number: number;
  time: string;
  service: string;
  action: string;
  changing: boolean;
  tags?: string[];
  /** The error's code, if the call failed. */
  error?: string;
}

interface Thing {
  id: string;
  name?: string;
  tags: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: AWS's own answer, as boto3 gives it
  raw: any;
}

export type AwsState = Record<string, Thing[]>;

/** Its machines get packages through this process's settings; its moto is started as a user's is. */
function withMachines(): Record<string, string> {
  const { MULTIVAC_TEST_CA: NODE_EXTRA_CA_CERTS } = process.env;
  return NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS } : {};
}

function withPreparedMoto(): Record<string, string> {
  const { MULTIVAC_TEST_MOTO: moto, PATH = "" } = process.env;
  return moto ? { PATH: [path.dirname(moto), PATH].join(path.delimiter) } : {};
}

/** Starts a sandbox. Whoever starts it stops it. */
export async function startSandbox(id: string, { machines }: { machines: boolean }): Promise<TestSandbox> {
  const own = { MULTIVAC_SANDBOX: `test-${id}` };
  const stop = async () => void (await multivac(["sandbox", "stop", "--yes"], { env: own }));
  // A run before may have been killed.
  if (existsSync(foldersOf(own.MULTIVAC_SANDBOX).state)) await stop();
  const start = ["sandbox", "start", "--json", ...(machines ? [] : ["--no-machines"])];
  const started = await multivac(start, { env: { ...own, ...(machines ? withMachines() : withPreparedMoto()) } });
  if (started.code !== 0) throw new Error(started.stderr);
  const { sandbox } = started.json() as unknown as { sandbox: TestSandbox & { region: string } };
  const { endpoint, region } = sandbox;
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Not the key that the command signs with: policies for that one are none for the test.
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  let seen = 0;
  const post = async (place: string, body: object) => {
    const answer = await fetch(`${endpoint}/_multivac/${place}`, { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${place}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  // Of the runs under way; whoever else calls with the command's key is a test that does so by itself.
  const policies = new Map<string, PolicyDocument>();
  let underWay = 0;
  const allowed = async <T>(args: string[], cwd: string | undefined, work: () => Promise<T>): Promise<T> => {
    const network = { vpcId: aws.vpcId, subnetIds: aws.subnetIds };
    underWay += 1;
    try {
      for (const one of await policiesFor(args, { cwd, network })) policies.set(JSON.stringify(one), one);
      await post("policies", { policies: [...policies.values()] });
      return await work();
    } finally {
      underWay -= 1;
      if (underWay === 0) {
        policies.clear();
        // A run may have ended the sandbox.
        await fetch(`${endpoint}/_multivac/policies`, { method: "DELETE" }).catch(() => undefined);
      }
    }
  };
  const aws: TestSandbox = {
    ...sandbox,
    env,
    async stop() {
      await recordCalls(aws);
      await stop();
    },
    leastPolicies: true,
    async run(args, options = {}) {
      const run = () => multivac([...args, "--sandbox"], { ...options, env: { ...options.env, ...own } });
      return aws.leastPolicies ? await allowed(args, options.cwd, run) : await run();
    },
    state: () => readState(env),
    calls: async () => {
      const since = (await (await fetch(`${endpoint}/_multivac/calls?since=${seen}`)).json()) as LoggedCall[];
      seen = since.at(-1)?.number ?? seen;
      return since.filter(({ tags }) => tags?.join() !== "multivac:heartbeat");
    },
    control: async (place, body) => void (await post(place, body)),
    faults: async () => (await (await fetch(`${endpoint}/_multivac/faults`)).json()) as FaultsShown,
    held: async () => void (await eventually(async () => (await aws.faults()).held.length > 0)),
    reset: async () => void Object.assign(aws, (await post("reset", {})) as { vpcId: string; subnetIds: string[] }),
  };
  return aws;
}

/** Everything an endpoint holds, read independently of our code. */
export async function readState(env: Record<string, string>): Promise<AwsState> {
  return python(env, await readFile(path.join(packageRoot, "test/aws-state.py"), "utf8"));
}

/** What of a state carries a stack's tags, by kind; empty when nothing does. */
export function ofStack(state: AwsState, name: string, environment: string): Record<string, string[]> {
  const owned = Object.entries(state).map(([kind, things]): [string, string[]] => [
    kind,
    things
      .filter(({ tags }) => tags["multivac:name"] === name && tags["multivac:environment"] === environment)
      .map(({ id }) => id),
  ]);
  return Object.fromEntries(owned.filter(([, ids]) => ids.length > 0));
}
