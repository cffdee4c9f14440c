import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { goodConfig, type Ran, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { type AwsState, ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** A call at which the process is killed: the nth of its action, before or after it took effect. */
export interface Point {
  service: string;
  action: string;
  nth: number;
  when: "before" | "after";
}

export interface Killed {
  scenario: string;
  point: string;
  /** False where the command ended without making that call. */
  reached: boolean;
  /** What the tool did wrong; empty is a pass. */
  wrong: string[];
}

interface Scene {
  aws: TestSandbox;
  /** The folder with the config. */
  cwd: string;
  /** Images to deploy, made before. */
  images: string[];
}

/** What is done before, and the command that is killed and run again. */
interface Scenario {
  prepare(scene: Scene): Promise<void>;
  command(scene: Scene): string[];
  /** What the stack has in the end; nothing after a destroy. */
  stands: boolean;
}

const quick = { healthCheck: { gracePeriodSeconds: 10 }, deregistrationDelaySeconds: 0 };
const deploy = (image = "") => ["deploy", "--yes", "--json", "--image", image];
const named = ["--name", "hello", "--environment", "test"];

async function config({ cwd }: Scene, changes: object = {}): Promise<void> {
  await writeFile(path.join(cwd, "config.json"), JSON.stringify({ ...goodConfig, loadBalancer: quick, ...changes }));
}

async function done(scene: Scene, args: string[]): Promise<void> {
  const ran = await scene.aws.run(args, { cwd: scene.cwd });
  if (ran.code !== 0) throw new Error(`${args[0]} exits ${ran.code}: ${ran.stderr}`);
}

export const scenarios: Record<string, Scenario> = {
  "first deploy": {
    prepare: (scene) => config(scene),
    command: ({ aws }) => deploy(aws.baseImageId),
    stands: true,
  },
  "changed deploy": {
    async prepare(scene) {
      await config(scene);
      await done(scene, deploy(scene.aws.baseImageId));
      scene.images = [await makeImage(scene.aws, "aaaaaaaaaaaa")];
      const app = { ...goodConfig.app, env: { GREETING: "hi" } };
      await config(scene, {
        app,
        tags: { team: "blue" },
        loadBalancer: { ...quick, allowFrom: ["192.0.2.0/24"], deregistrationDelaySeconds: 1 },
      });
    },
    command: ({ images }) => deploy(images[0]),
    stands: true,
  },
  "changed port": {
    async prepare(scene) {
      await config(scene);
      await done(scene, deploy(scene.aws.baseImageId));
      await config(scene, { app: { ...goodConfig.app, port: 8080 } });
    },
    command: ({ aws }) => deploy(aws.baseImageId),
    stands: true,
  },
  rollback: {
    async prepare(scene) {
      await config(scene);
      await done(scene, deploy(scene.aws.baseImageId));
      await makeImage(scene.aws, "aaaaaaaaaaaa");
    },
    command: () => ["rollback", "--yes", "--json", ...named, "aaaaaaaaaaaa"],
    stands: true,
  },
  destroy: {
    async prepare(scene) {
      await config(scene);
      await done(scene, deploy(scene.aws.baseImageId));
      await makeImage(scene.aws, "aaaaaaaaaaaa");
    },
    command: () => ["destroy", "--yes", "--json", ...named],
    stands: false,
  },
};

/** What a whole stack is, by kind. */
const whole: Record<string, number> = {
  "security-group": 2,
  "launch-template": 1,
  "target-group": 1,
  "load-balancer": 1,
  listener: 1,
  "auto-scaling-group": 1,
  instance: 1,
};

/** Opens a place to walk in: a sandbox of its own, empty. */
export async function openScene(id: string): Promise<Scene & { close(): Promise<void> }> {
  const aws = await startSandbox(id, { machines: false });
  const cwd = await mkdtemp(path.join(tmpdir(), "multivac-walk-"));
  await writeConfig(cwd, { loadBalancer: quick });
  const close = async () => {
    await aws.stop();
    await rm(cwd, { recursive: true, force: true });
  };
  return { aws, cwd, images: [], close };
}

/**
 * Every point at which a scenario's command can be killed: each call of one run, before it, and where it changes
 * something after it too. A read that is repeated while something is waited for counts once.
 */
export async function pointsOf(scene: Scene, scenario: Scenario): Promise<Point[]> {
  await scenario.prepare(scene);
  await scene.aws.calls();
  await done(scene, scenario.command(scene));
  const calls = await scene.aws.calls();
  await cleanUp(scene);
  const counts = new Map<string, number>();
  const lastChange = calls.findLastIndex(({ changing }) => changing);
  return calls.flatMap(({ service, action, changing }, index): Point[] => {
    const nth = (counts.get(action) ?? 0) + 1;
    counts.set(action, nth);
    const point = { service, action, nth };
    if (changing)
      return [
        { ...point, when: "before" },
        { ...point, when: "after" },
      ];
    const waits = nth > 2 || index > lastChange;
    return waits && nth > 1 ? [] : [{ ...point, when: "before" }];
  });
}

/** Kills the scenario's command at a point, runs it again, once more, destroys, and tells what went wrong. */
export async function killAt(scene: Scene, name: string, point: Point): Promise<Killed> {
  const scenario = scenarios[name] as Scenario;
  const { aws, cwd } = scene;
  const at = `${point.when} ${point.service}:${point.action} ${point.nth}`;
  const wrong: string[] = [];
  const killed: Killed = { scenario: name, point: at, reached: false, wrong };
  try {
    const empty = await aws.state();
    await scenario.prepare(scene);
    const command = scenario.command(scene);
    const { service, action, nth, when } = point;
    const rule = { service, action, agent: "multivac", skip: nth - 1, times: 1, when, fault: { kind: "hold" } };
    await aws.control("faults", { rules: [rule] });
    const ended = new AbortController();
    const held = isHeld(aws, ended.signal);
    const first = await aws.run(command, { cwd, killed: held });
    ended.abort();
    killed.reached = first.code === -1;
    await aws.control("faults", {});

    const second = await aws.run(command, { cwd });
    if (second.code !== 0) wrong.push(`run again it exits ${second.code}: ${told(second)}`);
    if (scenario.stands) await stands(aws, wrong);
    await aws.calls();
    const third = await aws.run(command, { cwd });
    if (third.code !== 0) wrong.push(`run once more it exits ${third.code}: ${told(third)}`);
    const changed = (await aws.calls()).filter(({ changing }) => changing).map((call) => call.action);
    if (changed.length > 0) wrong.push(`run once more it changes something: ${changed.join(", ")}`);
    if (scenario.stands) await done(scene, ["destroy", "--yes", "--json", ...named]);
    for (const line of differences(empty, await aws.state())) wrong.push(line);
  } catch (error) {
    wrong.push((error as Error).message);
  }
  if (wrong.length > 0) await cleanUp(scene);
  return killed;
}

/** A clean AWS for the next. */
async function cleanUp({ aws }: Scene): Promise<void> {
  await aws.control("faults", {});
  await aws.run(["destroy", "--yes", ...named]);
  await aws.control("reset", {});
}

/** Resolves once a call is held; never, when the signal aborts before. */
async function isHeld({ endpoint }: TestSandbox, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { held } = (await (await fetch(`${endpoint}/_multivac/faults`)).json()) as { held: unknown[] };
    if (held.length > 0) return;
    await sleep(20);
  }
  await new Promise(() => undefined);
}

function told(ran: Ran): string {
  return ran.stderr.split("\n").slice(-8).join(" | ");
}

async function stands(aws: TestSandbox, wrong: string[]): Promise<void> {
  const state = await aws.state();
  // A lock whose holder was killed stays until the next change or destroy takes it over.
  const locks = (state["launch-template"] ?? []).filter(({ name }) => name?.endsWith("/lock")).map(({ id }) => id);
  const owned = ofStack(state, "hello", "test");
  for (const [kind, count] of Object.entries(whole)) {
    const { length } = (owned[kind] ?? []).filter((id) => !locks.includes(id));
    if (length !== count) wrong.push(`there are ${length} of ${kind}, not ${count}`);
  }
}

/** What is there now and was not before, or the other way round. */
function differences(before: AwsState, now: AwsState): string[] {
  return Object.keys(now).flatMap((kind) => {
    const ids = (state: AwsState) => (state[kind] ?? []).map(({ id }) => id);
    const more = ids(now).filter((id) => !ids(before).includes(id));
    const fewer = ids(before).filter((id) => !ids(now).includes(id));
    return [...more.map((id) => `left behind: ${kind} ${id}`), ...fewer.map((id) => `gone: ${kind} ${id}`)];
  });
}

/** `tsx test/faults/walk.ts [SCENARIO [EVERY]]` walks all points, or every nth, and prints one JSON document a line. */
async function main(): Promise<void> {
  const [, , only, every = "1"] = process.argv;
  const scene = await openScene(`walk-${process.pid}`);
  try {
    for (const [name, scenario] of Object.entries(scenarios)) {
      if (only && only !== "all" && only !== name) continue;
      const points = await pointsOf(scene, scenario);
      process.stdout.write(`${JSON.stringify({ scenario: name, points: points.length })}\n`);
      for (const point of points.filter((_, index) => index % Number(every) === 0))
        process.stdout.write(`${JSON.stringify(await killAt(scene, name, point))}\n`);
    }
  } finally {
    await scene.close();
  }
}

if (process.argv[1] && import.meta.url === `file://${process.argv[1]}`) await main();
