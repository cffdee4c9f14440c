import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, multivac, type Ran } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { fastClock } from "./clock.ts";
import { assertEnds } from "./documented.ts";

/** What goes wrong with a stack that is there, one thing after the other on the same one. */

let aws: TestSandbox;
let cwd: string;
const healthCheck = { intervalSeconds: 5, timeoutSeconds: 2 };

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
  gracePeriodSeconds?: number;
  tags?: Record<string, string>;
}

/** Deploys another release of the same image, by another `app.env`; the same one where tags change. */
async function deploy(change: Change): Promise<Ran> {
  const { faults = [], settings = {}, env = {}, app = {}, wait = true, gracePeriodSeconds = 3, tags } = change;
  if (!tags) release += 1;
  const config = {
    ...goodConfig,
    image: { id: aws.baseImageId },
    loadBalancer: { healthCheck: { ...healthCheck, gracePeriodSeconds }, deregistrationDelaySeconds: 30 },
    tags: tags ?? {},
  };
  const changed = { ...goodConfig.app, env: { RELEASE: `${release}` }, ...app };
  await writeFile(path.join(cwd, "config.json"), JSON.stringify({ ...config, app: changed }));
  await aws.control("faults", { rules: faults });
  await aws.control("settings", { healthySeconds: 0.2, answer: 200, ...settings });
  return await run(["deploy", "--yes", ...(wait ? [] : ["--no-wait"])], env);
}

const run = (args: string[], env: Record<string, string> = {}) =>
  multivac([...args, "--json", "--sandbox"], { cwd, env: { MULTIVAC_SANDBOX: aws.id, ...env } });

const ends = (ran: Ran, code: string, exit: number, fix: RegExp, cause = /^/) =>
  assertEnds(ran, code, { exit, fix, cause });

/** Deploys by a clock on which instances seem to boot slowly, and takes back what that has taught the group. */
async function hurried(change: Change): Promise<Ran> {
  const ran = await deploy({ ...change, env: fastClock(40) });
  const warmUp = { AutoScalingGroupName: "hello-test", DefaultInstanceWarmup: 1 };
  await boto(aws.env, "autoscaling", "update_auto_scaling_group", warmUp);
  return ran;
}

/** Lets every instance answer well until the roll is done. */
async function finishRoll(): Promise<void> {
  await aws.control("settings", { healthySeconds: 0.2, answer: 200 });
  await eventually(async () => {
    const members = (await aws.state())["auto-scaling-group"]?.[0]?.raw.Instances ?? [];
    for (const { InstanceId } of members) await aws.control(`targets/${InstanceId}`, { answer: 200 });
    const which = { AutoScalingGroupName: "hello-test" };
    const { InstanceRefreshes } = await boto(aws.env, "autoscaling", "describe_instance_refreshes", which);
    return InstanceRefreshes[0].Status === "Successful";
  });
}

const launches = (fault: object) => ({ action: "RunInstances", agent: "autoscaling", fault });

test("a roll whose old instances AWS does not bring back: roll-failed", async () => {
  const faults = [{ action: "RollbackInstanceRefresh", fault: { kind: "fail" } }];
  ends(
    await deploy({ faults, settings: { answer: 500 } }),
    "roll-failed",
    3,
    /See what serves: \S+ \S+ status --sandbox/,
  );
  assert.equal((await deploy({})).code, 0);
});

test("new instances that do not get healthy, or cannot be launched: release-failed", async () => {
  const sick = await deploy({ settings: { answer: 500 } });
  ends(sick, "release-failed", 4, /Mend the app/, /\[500\]/);
  const unlaunched = await deploy({ faults: [launches({ kind: "capacity" })] });
  ends(unlaunched, "release-failed", 4, /instances\.type/, /do not have sufficient/);
  assert.match(unlaunched.json().error?.message ?? "", /cannot launch.*one before still serves/);
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
  assert.equal((await deploy({ wait: false, settings: { healthySeconds: 600 } })).code, 0);
  await aws.control("faults", { rules: [{ action: "RollbackInstanceRefresh", fault: { kind: "hold" } }] });
  const aborting = run(["abort", "--yes"]);
  // While the call to roll it back is on its way, the roll comes to its end.
  await aws.held();
  await finishRoll();
  await aws.control("faults", {});
  ends(await aborting, "roll-finished", 1, /rollback --sandbox/);
});

test("a roll that is done before a deploy can turn it back: roll-finished, and the new release is what serves", async () => {
  const faults = [{ action: "RollbackInstanceRefresh", fault: { kind: "hold" } }];
  const deploying = deploy({ faults, settings: { answer: 500 } });
  await aws.held();
  await finishRoll();
  await aws.control("faults", {});
  ends(await deploying, "roll-finished", 3, /rollback --sandbox/);
  const template = { LaunchTemplateName: "hello-test", Versions: ["$Latest"] };
  const { LaunchTemplateVersions } = await boto(aws.env, "ec2", "describe_launch_template_versions", template);
  const group = (await aws.state())["auto-scaling-group"]?.[0]?.raw;
  assert.equal(group.LaunchTemplate.Version, `${LaunchTemplateVersions[0].VersionNumber}`);
  assert.equal((await deploy({})).code, 0);
});

test("a roll waits for its instances for as long as the grace period says, though earlier ones were quick", async () => {
  // On the command's clock the instances take two minutes.
  const slow = await hurried({ gracePeriodSeconds: 600, settings: { healthySeconds: 3 } });
  assert.equal(slow.code, 0, slow.stderr);
  const none = await deploy({ gracePeriodSeconds: 0, settings: { healthySeconds: 1 } });
  assert.equal(none.code, 0, none.stderr);
});

test("launches that failed in an earlier roll are none that fail now", async () => {
  const unlaunched = await deploy({ faults: [launches({ kind: "capacity" })] });
  ends(unlaunched, "release-failed", 4, /instances\.type/);
  // Longer than launches may go on failing.
  const faults = [launches({ kind: "slow", seconds: 8 })];
  const slow = await hurried({ faults, gracePeriodSeconds: 3600 });
  assert.equal(slow.code, 0, slow.stderr);
});

test("after a change of tags alone the old instances are not taken for those of the next roll", async () => {
  assert.equal((await deploy({})).code, 0);
  const tagged = await deploy({ tags: { team: "blue" } });
  assert.equal(tagged.code, 0, tagged.stderr);
  const { LaunchTemplate, Instances } = (await aws.state())["auto-scaling-group"]?.[0]?.raw ?? {};
  assert.notEqual(Instances[0].LaunchTemplate.Version, LaunchTemplate.Version);
  await aws.calls();
  const deploying = deploy({ faults: [launches({ kind: "capacity" })] });
  await eventually(async () => (await aws.calls()).some(({ action }) => action === "RollbackInstanceRefresh"));
  // What AWS rolls back to is the version with the tags, which it has to launch.
  await aws.control("faults", {});
  const unlaunched = await deploying;
  ends(unlaunched, "release-failed", 4, /instances\.type/);
  assert.match(unlaunched.json().error?.message ?? "", /cannot launch/);
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
  ends(ran, "still-deleting", 3, /Go on with: .*deploy /);
});
