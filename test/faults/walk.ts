import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { boto } from "../boto3.ts";
import type { Ran } from "../command-line.ts";
import { type AwsState, ofStack, type TestSandbox } from "../sandboxes.ts";
import { done, type Scene, scenarioOf } from "./scenarios.ts";
import { differences, named, whole } from "./stack.ts";

/** A call at which the process is killed: the nth of its action, before or after it took effect. */
export interface Point {
  service: string;
  action: string;
  nth: number;
  when: "before" | "after";
}

/** `after ec2:CreateSecurityGroup 2` */
export function pointText({ when, service, action, nth }: Point): string {
  return `${when} ${service}:${action} ${nth}`;
}

/** A point from its text. */
export function pointOf(text: string): Point {
  const [, when, service = "", action = "", nth] = /^(before|after) (\w+):(\w+) (\d+)$/.exec(text) ?? [];
  if (when !== "before" && when !== "after") throw new Error(`${text} is no point`);
  return { when, service, action, nth: Number(nth) };
}

/**
 * Every point at which a scenario's command can be killed: each call of one run, before it, and where it changes
 * something after it too. A read that is repeated while something is waited for counts once.
 */
export async function pointsOf(scene: Scene, name: string): Promise<Point[]> {
  const scenario = scenarioOf(name);
  await scenario.prepare(scene);
  await scene.aws.calls();
  await done(scene, scenario.command(scene));
  const calls = await scene.aws.calls();
  await cleanUp(scene);
  const counts = new Map<string, number>();
  const lastChange = calls.findLastIndex(({ changing }) => changing);
  return calls.flatMap(({ service, action, changing }, index): Point[] => {
    const nth = (counts.get(`${service}:${action}`) ?? 0) + 1;
    counts.set(`${service}:${action}`, nth);
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

/**
 * Kills the scenario's command at a point, runs it again, once more, destroys. Returns what went wrong; nothing where
 * the tool is right. Where AWS is just as it was before, but for the lock, that is done for the first such point alone:
 * AWS is all that the next run goes by.
 */
export async function killAt(scene: Scene, name: string, point: Point): Promise<string[]> {
  const { aws, cwd } = scene;
  const wrong: string[] = [];
  try {
    const { empty, prepared } = await prepare(scene, name);
    const command = scenarioOf(name).command(scene);
    const first = await killedRun(scene, command, point);
    if (first.code !== -1) wrong.push(`the call was never made; it exits ${first.code}: ${told(first)}`);
    const now = await aws.state();
    const locks = locksOf(now);
    const kind = `${name}, ${locks.length > 0 ? "locked" : "not locked"}`;
    const untouched = isDeepStrictEqual(withoutLocks(now), prepared);
    if (untouched && scene.known.has(kind) && wrong.length === 0) {
      for (const { id } of locks) await boto(aws.env, "ec2", "delete_launch_template", { LaunchTemplateId: id });
      return wrong;
    }
    if (untouched) scene.known.add(kind);
    scene.ready = undefined;

    const second = await aws.run(command, { cwd });
    if (second.code !== 0) wrong.push(`run again it exits ${second.code}: ${told(second)}`);
    wrong.push(...(await isDone(scene, name, empty)));
  } catch (error) {
    wrong.push((error as Error).message);
  }
  if (wrong.length > 0) await cleanUp(scene);
  return wrong;
}

/** Runs the scenario's command while AWS misbehaves by these rules, which must not keep it from getting done. */
export async function runUnder(scene: Scene, name: string, rules: object[]): Promise<string[]> {
  const { aws, cwd } = scene;
  const { empty } = await prepare(scene, name);
  scene.ready = undefined;
  await aws.control("faults", { rules });
  const ran = await aws.run(scenarioOf(name).command(scene), { cwd });
  const { rules: met } = await aws.faults();
  await aws.control("faults", {});
  const wrong = ran.code === 0 ? [] : [`it exits ${ran.code}: ${told(ran)}`];
  for (const { action } of met.filter(({ fired }) => fired === 0)) wrong.push(`${action} never met its fault`);
  wrong.push(...(await isDone(scene, name, empty)));
  if (wrong.length > 0) await cleanUp(scene);
  return wrong;
}

/** What is wrong with a stack for which the command was done; looks, runs it once more, destroys, looks again. */
async function isDone(scene: Scene, name: string, empty: AwsState): Promise<string[]> {
  const { aws, cwd } = scene;
  const scenario = scenarioOf(name);
  const wrong = scenario.stands ? stands(await aws.state()) : [];
  await aws.calls();
  const again = await aws.run(scenario.command(scene), { cwd });
  if (again.code !== 0) wrong.push(`run once more it exits ${again.code}: ${told(again)}`);
  const changed = (await aws.calls()).filter(({ changing }) => changing).map((call) => call.action);
  if (changed.length > 0) wrong.push(`run once more it changes something: ${changed.join(", ")}`);
  if (scenario.stands) await done(scene, ["destroy", "--yes", "--json", ...named]);
  return [...wrong, ...differences(empty, await aws.state())];
}

async function prepare(scene: Scene, name: string): Promise<NonNullable<Scene["ready"]>> {
  if (scene.ready?.name === name) return scene.ready;
  if (scene.ready) await cleanUp(scene);
  const empty = await scene.aws.state();
  await scenarioOf(name).prepare(scene);
  scene.ready = { name, empty, prepared: await scene.aws.state() };
  return scene.ready;
}

async function killedRun({ aws, cwd }: Scene, command: string[], point: Point): Promise<Ran> {
  const { service, action, nth, when } = point;
  const rule = { service, action, agent: "multivac", skip: nth - 1, times: 1, when, fault: { kind: "hold" } };
  await aws.control("faults", { rules: [rule] });
  const ended = new AbortController();
  const ran = await aws.run(command, { cwd, killed: isHeld(aws, ended.signal) });
  ended.abort();
  await aws.control("faults", {});
  return ran;
}

/** A clean AWS for the next. */
async function cleanUp(scene: Scene): Promise<void> {
  scene.ready = undefined;
  await scene.aws.control("faults", {});
  await scene.aws.reset();
}

/** Resolves once a call is held; never, when the signal aborts before. */
async function isHeld(aws: TestSandbox, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if ((await aws.faults()).held.length > 0) return;
    await sleep(20);
  }
  await new Promise(() => undefined);
}

function told(ran: Ran): string {
  return ran.stderr.split("\n").slice(-8).join(" | ");
}

/** What of a whole stack is not there, or there twice. */
function stands(state: AwsState): string[] {
  const owned = ofStack(withoutLocks(state), "hello", "test");
  return Object.entries(whole).flatMap(([kind, count]) => {
    const { length } = owned[kind] ?? [];
    return length === count ? [] : [`there are ${length} of ${kind}, not ${count}`];
  });
}

/** A lock whose holder was killed stays until the next change or destroy takes it over. */
function locksOf(state: AwsState) {
  return (state["launch-template"] ?? []).filter(({ name }) => name?.endsWith("/lock"));
}

function withoutLocks(state: AwsState): AwsState {
  const locks = locksOf(state);
  return { ...state, "launch-template": (state["launch-template"] ?? []).filter((each) => !locks.includes(each)) };
}
