import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import type { TestContext } from "node:test";
import { type Ran, temporaryFolder, writeConfig } from "../../command-line.ts";
import { ofStack, type TestSandbox } from "../../sandboxes.ts";
import { type AwsView, viewOf } from "./aws-view.ts";

/** What changing one key of the config does to a stack that runs. */
export interface KeyChange {
  /** In dots, as the schema has it. */
  key: string;
  to: unknown;
  /** Other keys that have to change with it, by their dotted names. */
  also?: Record<string, unknown>;
  /**
   * What plan tells, by `action resource`: fields with what they were and will be, an expression where only AWS or a
   * hash tells; of objects only what differs. Nothing of fields: any.
   */
  planned: Planned;
  /** What AWS holds once it is deployed, by an independent read, and what that has to be. */
  held?: [read: (view: AwsView) => unknown, wanted: unknown];
}

type Planned = Record<string, Record<string, [from: unknown, to: unknown]> | undefined>;

interface Change {
  resource: string;
  action: string;
  fields?: Record<string, { from: unknown; to: unknown }>;
}

/** The roll of the instances to a new version of the launch template. */
export const roll: Planned = {
  "roll auto-scaling-group": {
    launchTemplateVersion: [/^\d+$/, "(known after deploy)"],
    runningVersion: [/^\d+$/, "(known after deploy)"],
  },
};

/** A config file that tests write again and again, and the commands that go by it. */
export interface Subject {
  cwd: string;
  config: Record<string, unknown>;
  /** Writes the config with other values of some keys, by their dotted names. */
  write(changes?: Record<string, unknown>): Promise<void>;
  plan(...args: string[]): Promise<Ran>;
  deploy(...args: string[]): Promise<Ran>;
}

/** A folder with the starter app and a config, for the whole file's tests. */
export async function subjectIn(t: TestContext, run: TestSandbox["run"], config: object): Promise<Subject> {
  const cwd = await temporaryFolder(t);
  const file = await writeConfig(cwd);
  const subject: Subject = {
    cwd,
    config: { ...config },
    async write(changes = {}) {
      await writeFile(file, JSON.stringify(withKeys(subject.config, changes), null, 2));
    },
    plan: (...args) => run(["plan", "--json", "--detailed-exitcode", ...args], { cwd }),
    async deploy(...args) {
      const ran = await run(["deploy", "--yes", "--json", ...args], { cwd });
      assert.equal(ran.code, 0, ran.stderr);
      return ran;
    },
  };
  await subject.write();
  return subject;
}

/** A copy of a config with other values of some keys, by their dotted names; undefined takes a key out. */
function withKeys(config: object, changes: Record<string, unknown>): object {
  const copy = structuredClone(config) as Record<string, unknown>;
  for (const [key, value] of Object.entries(changes)) {
    const sections = key.split(".");
    const last = sections.pop() ?? "";
    const inside = sections.reduce<Record<string, unknown>>((section, name) => {
      section[name] = { ...(section[name] as object) };
      return section[name] as Record<string, unknown>;
    }, copy);
    inside[last] = value;
  }
  return copy;
}

/** The new values of keys, by their dotted names. */
export function valuesOf(changes: readonly Pick<KeyChange, "key" | "to" | "also">[]): Record<string, unknown> {
  return Object.assign({}, ...changes.map(({ key, to, also }) => ({ [key]: to, ...also })));
}

/** Plans each key's change by itself and compares what is told. */
export async function planEach(t: TestContext, subject: Subject, changes: readonly KeyChange[], ...args: string[]) {
  for (const { planned, ...change } of changes) {
    await t.test(`plan tells what ${change.key} does`, async () => {
      await subject.write(valuesOf([change]));
      const ran = await subject.plan(...args);
      assertPlanned(ran, planned);
      assert.equal(ran.code, Object.keys(planned).length > 0 ? 2 : 0);
    });
  }
}

/**
 * Deploys all the changes at once, and compares what is told, what AWS holds of each, what a further deploy changes
 * (nothing), and what is there of the stack: of `replaced` kinds nothing stays, all else stays as it is.
 */
export async function deployAll(
  t: TestContext,
  aws: TestSandbox,
  subject: Subject,
  changes: readonly KeyChange[],
  { args = [], replaced = [] }: { args?: string[]; replaced?: string[] } = {},
): Promise<void> {
  const before = await viewOf(aws);
  await subject.write(valuesOf(changes));
  const deployed = await subject.deploy(...args);
  const after = await viewOf(aws);
  await t.test("deploy tells every change, and no other", () => {
    assertPlanned(deployed, union(changes.map(({ planned }) => planned)));
  });
  for (const { key, held } of changes) {
    if (held) await t.test(`AWS holds ${key}`, () => assert.deepEqual(held[0](after), held[1]));
  }
  await t.test("what is not replaced stays, its URL too", () => {
    const [was, is] = [before, after].map(({ state }) => ofStack(state, "hello", "test"));
    for (const [kind, ids] of Object.entries(was ?? {})) {
      const stays = ids.filter((id) => is?.[kind]?.includes(id));
      assert.deepEqual(stays, replaced.includes(kind) ? [] : ids, kind);
    }
    assert.equal(deployed.json().url, `http://${before.one("load-balancer").raw.DNSName}/`);
  });
  await t.test("a further deploy changes nothing", () => assertQuiet(aws, subject, ...args));
}

/** Plans and deploys once more: nothing is told, and no call changes anything. */
export async function assertQuiet(aws: TestSandbox, subject: Subject, ...args: string[]): Promise<void> {
  assertPlanned(await subject.plan(...args), {});
  await aws.calls();
  const again = await subject.deploy(...args);
  assertPlanned(again, {});
  const calls = (await aws.calls()).filter(({ changing }) => changing);
  assert.deepEqual(
    calls.map(({ action }) => action),
    [],
  );
}

export function assertPlanned(ran: Ran, planned: Planned): void {
  assert.ok(ran.code === 0 || ran.code === 2, ran.stderr);
  const told = toldOf(ran.json().changes as Change[]);
  const expected = Object.entries(planned).map(([what, fields]) => [what, expectedFields(fields, told[what])]);
  assert.deepEqual(told, Object.fromEntries(expected));
}

function toldOf(changes: readonly Change[]): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    changes
      .filter(({ action }) => action !== "none")
      .map(({ resource, action, fields = {} }) => [
        `${action} ${resource}`,
        Object.fromEntries(Object.entries(fields).map(([field, { from, to }]) => [field, differing(from, to)])),
      ]),
  );
}

/** Expressions stand for a text they match; without expected fields any do. */
function expectedFields(fields: Planned[string], told: Record<string, unknown> = {}): Record<string, unknown> {
  if (!fields) return told;
  return Object.fromEntries(Object.entries(fields).map(([field, pair]) => [field, matched(pair, told[field])]));
}

function matched(expected: unknown, found: unknown): unknown {
  if (expected instanceof RegExp) return typeof found === "string" && expected.test(found) ? found : expected;
  if (Array.isArray(expected) && Array.isArray(found)) return expected.map((each, at) => matched(each, found[at]));
  if (!isPlain(expected) || !isPlain(found)) return expected;
  return Object.fromEntries(Object.entries(expected).map(([key, each]) => [key, matched(each, found[key])]));
}

function differing(from: unknown, to: unknown): [unknown, unknown] {
  if (!isPlain(from) || !isPlain(to)) return [from, to];
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter((key) => from[key] !== to[key]);
  const pick = (each: Record<string, unknown>) => Object.fromEntries(keys.map((key) => [key, each[key]]));
  return [pick(from), pick(to)];
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof RegExp);
}

/** What several changes together are planned as: a roll takes in an update of the same resource. */
function union(all: readonly Planned[]): Planned {
  const merged: Planned = {};
  for (const [what, fields] of all.flatMap((planned) => Object.entries(planned))) {
    merged[what] = fields && mergeFields(merged[what] ?? {}, fields);
  }
  for (const what of Object.keys(merged).filter((each) => each.startsWith("update "))) {
    const rolled = what.replace("update ", "roll ");
    if (!merged[rolled]) continue;
    merged[rolled] = { ...merged[what], ...merged[rolled] };
    delete merged[what];
  }
  return merged;
}

function mergeFields(into: NonNullable<Planned[string]>, fields: NonNullable<Planned[string]>) {
  const merged = { ...into };
  for (const [field, [from, to]] of Object.entries(fields)) {
    const [wasFrom, wasTo] = merged[field] ?? [];
    merged[field] =
      isPlain(wasFrom) && isPlain(wasTo) && isPlain(from) && isPlain(to)
        ? [
            { ...wasFrom, ...from },
            { ...wasTo, ...to },
          ]
        : [from, to];
  }
  return merged;
}
