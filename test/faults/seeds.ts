import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { goodConfig, type Ran, writeConfig } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { makeImage } from "../releases.ts";
import { ofStack, type TestSandbox } from "../sandboxes.ts";
import { differences, gracePeriodSeconds, named, whole } from "./stack.ts";

/** One try of a command under faults. */
interface Try {
  args: string;
  exitCode: number;
  seconds: number;
  /** `error` of its JSON document, where it failed. */
  error?: { code: string; message: string; cause?: string; fix?: string; action?: string } | undefined;
  stderr: string;
  /** The calls that met a fault or an error, in order. */
  met: string[];
  /** The calls that changed something. */
  changed: string[];
}

export interface SeedRun {
  seed: number;
  /** What a person changed for the second deploy. */
  change: string;
  tries: Try[];
  /** What the tool did wrong; empty is a pass. */
  wrong: string[];
  seconds: number;
}

interface SeedOptions {
  rate?: number;
  kinds?: string[];
  /** How often a command may be run until it is done. */
  limit?: number;
}

const loadBalancer = { healthCheck: { gracePeriodSeconds } };

/** What a person may change between two deploys; the seed chooses. */
const changes: Record<string, object> = {
  image: {},
  environment: { app: { ...goodConfig.app, env: { GREETING: "hi" } }, tags: { team: "blue" } },
  port: { app: { ...goodConfig.app, port: 8080 } },
  healthCheck: {
    loadBalancer: { healthCheck: { gracePeriodSeconds, path: "/health" }, deregistrationDelaySeconds: 0 },
  },
};

/** Failures that say rightly that AWS went on misbehaving for longer than the retries. */
const transient =
  /RequestLimitExceeded|Throttling|InternalError|InternalFailure|ECONNRESET|socket hang up|50[0234]|429/;

/**
 * Deploys, changes, rolls back and destroys a stack while AWS misbehaves at random from a seed. Each command is run
 * again until it is done, as a person would. Faults meet this tool's calls only, so that what is looked at is the truth.
 */
export async function runSeed(
  aws: TestSandbox,
  seed: number,
  { rate = 0.1, kinds, limit = 4 }: SeedOptions = {},
): Promise<SeedRun> {
  const names = Object.keys(changes);
  const change = names[seed % names.length] ?? "image";
  const run: SeedRun = { seed, change, tries: [], wrong: [], seconds: 0 };
  const begin = performance.now();
  const cwd = await mkdtemp(path.join(tmpdir(), "multivac-seed-"));
  const faults = (body: object) => aws.control("faults", body);
  try {
    await aws.reset();
    const config = await writeConfig(cwd, { loadBalancer });
    const before = await aws.state();
    await faults({ random: { seed, rate, agent: "multivac", ...(kinds ? { kinds } : {}) } });

    const deploy = ["deploy", "--yes", "--json", "--image"];
    await until(aws, run, [...deploy, aws.baseImageId], { cwd, limit });
    await stands(aws, run, "after the first deploy");
    await changesNothing(aws, run, [...deploy, aws.baseImageId], { cwd, limit });

    const image = await makeImage(aws, "aaaaaaaaaaaa");
    await writeFile(config, JSON.stringify({ ...goodConfig, loadBalancer, ...changes[change] }));
    await until(aws, run, [...deploy, image], { cwd, limit });
    await stands(aws, run, "after the changed deploy", image);
    await changesNothing(aws, run, [...deploy, image], { cwd, limit });

    const older = await makeImage(aws, "bbbbbbbbbbbb");
    await until(aws, run, ["rollback", "--yes", "--json", ...named, "bbbbbbbbbbbb"], { limit });
    await stands(aws, run, "after the rollback", older);

    await until(aws, run, ["destroy", "--yes", "--json", ...named], { limit });
    await faults({});
    for (const [kind, ids] of Object.entries(ofStack(await aws.state(), "hello", "test"))) {
      run.wrong.push(`destroy was done and left ${kind} ${ids}`);
    }
    const last = await aws.run(["destroy", "--yes", "--json", ...named]);
    if (last.code !== 0) run.wrong.push(`the last destroy exits ${last.code}: ${last.stderr}`);
    for (const line of differences(before, await aws.state())) run.wrong.push(`at the end ${line}`);
  } catch (error) {
    run.wrong.push((error as Error).message);
  } finally {
    await faults({});
    await rm(cwd, { recursive: true, force: true });
  }
  run.seconds = Math.round((performance.now() - begin) / 100) / 10;
  return run;
}

/** Runs a command again until it exits 0; every other outcome must be a right error. Returns all tries. */
async function until(
  aws: TestSandbox,
  run: SeedRun,
  args: string[],
  { cwd, limit }: { cwd?: string; limit: number },
): Promise<Try[]> {
  const tries: Try[] = [];
  for (let count = 1; ; count += 1) {
    const one = await attempt(aws, args, cwd);
    tries.push(one);
    run.tries.push(one);
    const { exitCode, error } = one;
    if (exitCode === 0) return tries;
    const what = `${args[0]} exits ${exitCode} with ${error?.code}: ${error?.message} ${error?.cause ?? ""}`;
    if (!error || !transient.test(`${error.cause} ${error.message}`)) run.wrong.push(what);
    if (count >= limit) throw new Error(`${args[0]} was not done after ${limit} times`);
  }
}

async function attempt(aws: TestSandbox, args: string[], cwd: string | undefined): Promise<Try> {
  await aws.calls();
  const begin = performance.now();
  const ran = await aws.run(args, cwd ? { cwd } : {});
  const seconds = Math.round((performance.now() - begin) / 100) / 10;
  const calls = (await aws.calls()) as MetCall[];
  const met = calls
    .filter(({ fault, error }) => fault || error)
    .map((call) => `${call.service}:${call.action} ${call.status} ${call.error ?? "-"} (${call.fault ?? "no fault"})`);
  const changed = calls.filter(({ changing, status }) => changing && status < 300).map(({ action }) => action);
  return { args: args.join(" "), exitCode: ran.code, seconds, error: errorOf(ran), stderr: ran.stderr, met, changed };
}

type MetCall = Awaited<ReturnType<TestSandbox["calls"]>>[number] & { status: number; error?: string; fault?: string };

function errorOf(ran: Ran): Try["error"] {
  try {
    return ran.json().error;
  } catch {
    return undefined;
  }
}

/** The stack is whole and nothing is there twice; its instances are of the image. */
async function stands(aws: TestSandbox, run: SeedRun, when: string, image?: string): Promise<void> {
  const state = await aws.state();
  const owned = ofStack(state, "hello", "test");
  for (const [kind, count] of Object.entries(whole)) {
    const { length } = owned[kind] ?? [];
    if (length !== count) run.wrong.push(`${when} there are ${length} of ${kind}, not ${count}`);
  }
  for (const { raw } of state.instance ?? []) {
    if (image && raw.ImageId !== image) run.wrong.push(`${when} an instance has ${raw.ImageId}, not ${image}`);
  }
}

/** The same deploy once more changes nothing, faults or not. */
async function changesNothing(
  aws: TestSandbox,
  run: SeedRun,
  args: string[],
  options: { cwd: string; limit: number },
): Promise<void> {
  await allKnown(aws);
  const changed = (await until(aws, run, args, options)).flatMap((one) => one.changed);
  if (changed.length > 0) run.wrong.push(`the same deploy again changes something: ${changed}`);
}

/** Waits until nothing new is unknown any more: what a tool cannot see it may make again. */
async function allKnown(aws: TestSandbox): Promise<void> {
  await eventually(async () => (await aws.faults()).unknown.length === 0);
}
