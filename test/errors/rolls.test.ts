import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { goodConfig, multivac, type Ran } from "../command-line.ts";
import { boto, startSandbox, type TestSandbox } from "../sandboxes.ts";
import { fastClock } from "./clock.ts";

/** What goes wrong with a stack that is there, one thing after the other on the same one. */

let aws: TestSandbox;
let cwd: string;
const healthCheck = { intervalSeconds: 5, timeoutSeconds: 2, gracePeriodSeconds: 3 };

before(async () => {
  aws = await startSandbox("errors-rolls", { machines: false });
  cwd = await mkdtemp(path.join(tmpdir(), "multivac-rolls-"));
  const first = await deploy({});
  assert.equal(first.code, 0, first.stderr);
});
after(async () => {
  await aws?.stop();
  await rm(cwd, { recursive: true });
});

let release = 0;
interface Change {
  faults?: object[];
  settings?: object;
  env?: Record<string, string>;
  app?: object;
  wait?: boolean;
}

/** Deploys another release of the same image, by another `app.env`. */
async function deploy({ faults = [], settings = {}, env = {}, app = {}, wait = true }: Change): Promise<Ran> {
  release += 1;
  const config = {
    ...goodConfig,
    image: { id: aws.baseImageId },
    loadBalancer: { healthCheck, deregistrationDelaySeconds: 30 },
  };
  const changed = { ...goodConfig.app, env: { RELEASE: `${release}` }, ...app };
  await writeFile(path.join(cwd, "config.json"), JSON.stringify({ ...config, app: changed }));
  await aws.control("faults", { rules: faults });
  await aws.control("settings", { healthySeconds: 0.2, answer: 200, ...settings });
  return await run(["deploy", "--yes", ...(wait ? [] : ["--no-wait"])], env);
}

const run = (args: string[], env: Record<string, string> = {}) =>
  multivac([...args, "--json", "--sandbox"], { cwd, env: { MULTIVAC_SANDBOX: aws.id, ...env } });

function ends(ran: Ran, code: string, exit: number, fix: RegExp, cause = /^/): void {
  const { error } = ran.json();
  assert.equal(error?.code, code, ran.stderr);
  assert.equal(ran.code, exit, ran.stderr);
  assert.match(error?.fix ?? "", fix);
  assert.match(error?.cause ?? "", cause);
}

const launches = (fault: object) => ({ action: "RunInstances", agent: "autoscaling", fault });

test("a roll whose old instances AWS does not bring back: roll-failed", async () => {
  const faults = [{ action: "RollbackInstanceRefresh", fault: { kind: "fail" } }];
  ends(await deploy({ faults, settings: { answer: 500 } }), "roll-failed", 4, /multivac status/);
  assert.equal((await deploy({})).code, 0);
});

test("new instances that do not get healthy, or cannot be launched: release-failed", async () => {
  const sick = await deploy({ settings: { answer: 500 } });
  ends(sick, "release-failed", 4, /Mend the app/, /\[500\]/);
  const unlaunched = await deploy({ faults: [launches({ kind: "capacity" })] });
  ends(unlaunched, "release-failed", 4, /instances\.type/, /do not have sufficient/);
  assert.match(unlaunched.json().error?.message ?? "", /cannot launch.*one before serves/);
});

test("a roll that cannot be rolled back: partly-rolled", async () => {
  assert.equal((await deploy({ wait: false, settings: { healthySeconds: 600 } })).code, 0);
  const other = await deploy({ wait: false, settings: { healthySeconds: 600 } });
  ends(other, "roll-under-way", 1, /abort --sandbox/);
  await aws.control("faults", { rules: [{ action: "RollbackInstanceRefresh", fault: { kind: "fail" } }] });
  ends(await run(["abort", "--yes"]), "partly-rolled", 3, /Deploy again/);
  assert.equal((await deploy({})).code, 0);
});

test("a roll that is done before it is aborted: roll-finished", async () => {
  assert.equal((await deploy({ wait: false, settings: { healthySeconds: 4 } })).code, 0);
  // The roll ends while the call to roll it back is on its way.
  const delay = { kind: "delay", seconds: 12 };
  await aws.control("faults", { rules: [{ action: "RollbackInstanceRefresh", fault: delay }] });
  ends(await run(["abort", "--yes"]), "roll-finished", 1, /rollback --sandbox/);
});

test("a destroy that may not delete all: left-behind, with what stays and why", async () => {
  await aws.control("faults", {
    rules: [{ action: "DeleteTargetGroup", agent: "multivac", fault: { kind: "refuse" } }],
  });
  const ran = await run(["destroy", "--yes"], fastClock(10));
  ends(ran, "left-behind", 3, /destroy --sandbox/, /target-group .*may not do elasticloadbalancing:DeleteTargetGroup/s);
  const { remaining } = ran.json() as unknown as { remaining: { kind: string }[] };
  assert.ok(remaining.some(({ kind }) => kind === "target-group"));
  const again = await deploy({});
  assert.equal(again.code, 0, again.stderr);
});

test("a group that takes longer to go than its limit: still-deleting", async () => {
  const besides = await deploy({ app: { port: 8080 }, wait: false });
  assert.equal(besides.code, 0, besides.stderr);
  // An instance that does not get further than pending keeps a group from being gone.
  await aws.control("faults", { rules: [launches({ kind: "slow", seconds: 3600 })] });
  const group = { AutoScalingGroupName: "hello-test" };
  await boto(aws.env, "autoscaling", "update_auto_scaling_group", { ...group, MaxSize: 2, DesiredCapacity: 2 });
  await boto(aws.env, "autoscaling", "suspend_processes", { ...group, ScalingProcesses: ["Terminate"] });
  const ran = await run(["deploy", "--yes"], fastClock(20_000));
  ends(ran, "still-deleting", 3, /Run the same command again/);
});
