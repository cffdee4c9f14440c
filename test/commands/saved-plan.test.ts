import assert from "node:assert/strict";
import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** `plan --out` and `deploy --plan`, on the AWS API without machines. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("saved-plan", { machines: false });
});
after(() => aws?.stop());

const stack = ["hello", "test"] as const;
type TestContext = Parameters<typeof temporaryFolder>[0];

async function stackFolder(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  await writeConfig(folder);
  t.after(() => aws.reset());
  return folder;
}

async function edit(cwd: string, changes: Record<string, unknown>): Promise<void> {
  const file = path.join(cwd, "config.json");
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), ...changes }));
}

const save = async (cwd: string, ...args: string[]) => {
  const ran = await aws.run(["plan", "--image", aws.baseImageId, "--out", "plan.json", ...args], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  return JSON.parse(await readFile(path.join(cwd, "plan.json"), "utf8"));
};
const deployPlan = (cwd: string, ...args: string[]) =>
  aws.run(["deploy", "--plan", "plan.json", "--json", ...args], { cwd });
const changingCalls = async () =>
  (await aws.calls()).filter(({ changing }) => changing).map(({ service, action }) => `${service}:${action}`);

/** Runs a deploy that must refuse with `code`, and change nothing. */
async function refused(ran: () => ReturnType<TestSandbox["run"]>, code: string): Promise<string> {
  await aws.calls();
  const { json, code: exitCode, stdout } = await ran();
  assert.equal(exitCode, 1, stdout);
  const { error } = json();
  assert.equal(error?.code, code, stdout);
  assert.deepEqual(await changingCalls(), []);
  return `${error?.message}\n${error?.cause}`;
}

test("a saved plan is applied without asking, once; it holds no value of app.env and only its owner reads it", async (t) => {
  const cwd = await stackFolder(t);
  await edit(cwd, { app: { ...goodConfig.app, env: { GREETING: "not-for-the-plan" } } });
  await writeFile(path.join(cwd, "plan.json"), "older", { mode: 0o644 });
  const plan = await save(cwd);
  const file = path.join(cwd, "plan.json");
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const text = await readFile(file, "utf8");
  for (const value of ["not-for-the-plan", Buffer.from("not-for-the-plan").toString("base64").slice(2, 14)])
    assert.ok(!text.includes(value));
  assert.deepEqual([plan.version, plan.stack.name, plan.stack.account], [1, "hello", "123456789012"]);
  assert.deepEqual(plan.standsOn.app, { image: aws.baseImageId });
  assert.ok(plan.changes.every(({ action }: { action: string }) => action === "create"));

  const ran = await deployPlan(cwd);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ran.json().changes, plan.changes, "exactly what was planned");
  assert.equal(ofStack(await aws.state(), ...stack)["load-balancer"]?.length, 1);

  const again = await refused(() => deployPlan(cwd), "plan-outdated");
  assert.match(again, /On AWS listener has changed: planned create, now no change/);

  await save(cwd);
  await aws.calls();
  assert.equal((await deployPlan(cwd)).code, 0, "a plan without changes is applied too");
  assert.deepEqual(await changingCalls(), []);
});

test("a saved plan refuses, naming what changed: the config, values of app.env, the image, AWS", async (t) => {
  const cwd = await stackFolder(t);
  await save(cwd);
  assert.equal((await deployPlan(cwd)).code, 0);

  await edit(cwd, { loadBalancer: { deregistrationDelaySeconds: 5 } });
  await save(cwd);
  await edit(cwd, { loadBalancer: { deregistrationDelaySeconds: 6 } });
  const config = await refused(() => deployPlan(cwd), "plan-outdated");
  assert.match(config, /The config has changed/);
  assert.match(config, /target-group differs: update \(deregistrationDelaySeconds\)/);
  assert.doesNotMatch(config, /On AWS|app|image/);

  await edit(cwd, { app: { ...goodConfig.app, env: { A: "1" } } });
  await save(cwd);
  await edit(cwd, { app: { ...goodConfig.app, env: { A: "2" } } });
  assert.match(await refused(() => deployPlan(cwd), "plan-outdated"), /The config has changed/);

  await save(cwd);
  const owned = ofStack(await aws.state(), ...stack);
  await boto(aws.env, "elbv2", "delete_listener", { ListenerArn: owned.listener?.[0] });
  const missing = await refused(() => deployPlan(cwd), "plan-outdated");
  assert.match(missing, /On AWS listener has changed: planned no change, now create/);
  assert.doesNotMatch(missing, /config has changed|target-group/);

  await save(cwd);
  assert.match(await refused(() => deployPlan(cwd, "--image", "ami-0123456789abcdef0"), "wrong-call"), /for the image/);
  assert.equal((await deployPlan(cwd, "--image", aws.baseImageId)).code, 0, "the same image may be named again");
});

test("a size that scaling chose within min and max does not outdate a plan", async (t) => {
  const cwd = await stackFolder(t);
  await edit(cwd, { instances: { min: 1, max: 3 } });
  await save(cwd);
  assert.equal((await deployPlan(cwd)).code, 0);
  await edit(cwd, { loadBalancer: { deregistrationDelaySeconds: 5 } });
  await save(cwd);
  const group = { AutoScalingGroupName: "hello-test", DesiredCapacity: 2 };
  await boto(aws.env, "autoscaling", "set_desired_capacity", group);
  const ran = await deployPlan(cwd);
  assert.equal(ran.code, 0, ran.stdout);
  const [now] = (await aws.state())["auto-scaling-group"] ?? [];
  assert.equal(now?.raw.DesiredCapacity, 2);
});

test("a plan to bake refuses when the app has changed, and when it would be part of the app", async (t) => {
  const cwd = await stackFolder(t);
  const plan = ["plan", "--out", "plan.json"];
  assert.equal((await aws.run(plan, { cwd })).code, 0);
  await appendFile(path.join(cwd, "app/tiny_app.py"), "# changed\n");
  const app = await refused(() => deployPlan(cwd), "plan-outdated");
  assert.match(app, /The app has changed: release [0-9a-f]{12} → [0-9a-f]{12}/);
  assert.doesNotMatch(app, /config has changed|On AWS/);

  await refused(() => aws.run(["plan", "--json", "--out", "app/plan.json"], { cwd }), "plan-in-app");
  await assert.rejects(stat(path.join(cwd, "app/plan.json")));
  await refused(() => aws.run(["plan", "--json", "--out", "app/tiny_app.py"], { cwd }), "plan-in-app");
  assert.match(await readFile(path.join(cwd, "app/tiny_app.py"), "utf8"), /# changed/, "no file of the app is lost");
  await refused(() => aws.run(["plan", "--json", "--out", "nowhere/plan.json"], { cwd }), "plan-not-writable");
  const config = await readFile(path.join(cwd, "config.json"), "utf8");
  await refused(() => aws.run(["plan", "--json", "--out", "./config.json"], { cwd }), "plan-not-writable");
  assert.equal(await readFile(path.join(cwd, "config.json"), "utf8"), config);
  await execa("mkfifo", [path.join(cwd, "pipe")]);
  await refused(() => aws.run(["plan", "--json", "--out", "pipe"], { cwd }), "plan-not-writable");
});

test("what is no plan, of another version, or of another stack is told, and nothing is changed", async (t) => {
  const cwd = await stackFolder(t);
  const file = path.join(cwd, "plan.json");
  assert.match(await refused(() => deployPlan(cwd), "plan-unreadable"), /no such file/);
  for (const [text, why] of [
    ["{", /not JSON/],
    ["null", /plan --out/],
    ['{"name": "hello"}', /plan --out/],
    ['{"version": 2}', /version 2/],
  ] as const) {
    await writeFile(file, text);
    assert.match(await refused(() => deployPlan(cwd), "plan-unreadable"), why);
  }
  const plan = await save(cwd);
  const other = await refused(() => deployPlan(cwd, "--environment", "prod"), "plan-of-another-stack");
  assert.match(other, /environment: planned for test, this is prod/);
  await writeFile(file, JSON.stringify({ ...plan, stack: { ...plan.stack, account: "999999999999" } }));
  assert.match(await refused(() => deployPlan(cwd), "plan-of-another-stack"), /account: planned for 999999999999/);
});
