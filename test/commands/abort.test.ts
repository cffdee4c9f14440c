import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("abort", { machines: false });
});
after(() => aws?.stop());

const named = ["--name", "hello", "--environment", "test"];
const AutoScalingGroupName = "hello-test";
const abort = (...args: string[]) => aws.run(["abort", "--json", ...named, ...args]);
const changingCalls = async () =>
  (await aws.calls()).filter(({ changing }) => changing).map(({ service, action }) => `${service}:${action}`);
const group = async () => (await aws.state())["auto-scaling-group"]?.[0]?.raw;

async function deployed(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, goodConfig);
  t.after(() => aws.reset());
  const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  return cwd;
}

/** Instances launched from now on take too long for a roll to end by itself. */
async function slowInstances(t: TestContext): Promise<void> {
  await aws.control("settings", { healthySeconds: 600 });
  t.after(() => aws.control("settings", { healthySeconds: 0.2 }));
}

test("abort rolls back the deploy under way; what served before serves; then nothing is under way", async (t) => {
  const cwd = await deployed(t);
  const image = await makeImage(aws, "aaaaaaaaaaaa");
  await slowInstances(t);
  const deploying = await aws.run(["deploy", "--yes", "--no-wait", "--image", image], { cwd });
  assert.equal(deploying.code, 0, deploying.stderr);

  await aws.calls();
  const asked = await abort();
  assert.equal(asked.code, 1);
  assert.equal(asked.json().error?.code, "needs-yes");
  assert.deepEqual(await changingCalls(), []);

  const ran = await abort("--yes");
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.json().state, "rolled-back");
  assert.equal(ran.json().release, aws.baseImageId);
  assert.ok((await changingCalls()).includes("autoscaling:RollbackInstanceRefresh"));
  const { InstanceRefreshes } = await boto(aws.env, "autoscaling", "describe_instance_refreshes", {
    AutoScalingGroupName,
  });
  assert.equal(InstanceRefreshes[0].Status, "RollbackSuccessful");
  const { LaunchTemplate, Instances } = await group();
  assert.equal(LaunchTemplate.Version, "1");
  assert.deepEqual(
    Instances.map((one: { LaunchTemplate: { Version: string } }) => one.LaunchTemplate.Version),
    ["1"],
  );
  const status = (await aws.run(["status", "--json"], { cwd })).json();
  assert.equal(status.state, "healthy");
  assert.equal(status.image, aws.baseImageId, "the version that was aborted is gone");

  await aws.calls();
  const again = await abort();
  assert.equal(again.code, 0, again.stderr);
  assert.equal(again.json().state, "nothing");
  assert.deepEqual(await changingCalls(), []);
});

test("a roll that AWS cannot roll back is cancelled", async (t) => {
  await deployed(t);
  await slowInstances(t);
  await boto(aws.env, "autoscaling", "start_instance_refresh", {
    AutoScalingGroupName,
    Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
  });
  await aws.calls();
  const ran = await abort("--yes");
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.json().state, "cancelled");
  assert.ok((await changingCalls()).includes("autoscaling:CancelInstanceRefresh"));
});

test("instances that a change of tags alone has left at an earlier version are none of a roll that is cancelled", async (t) => {
  const cwd = await deployed(t);
  await writeConfig(cwd, { ...goodConfig, tags: { team: "blue" } });
  const tagged = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(tagged.code, 0, tagged.stderr);
  const { LaunchTemplate, Instances } = await group();
  assert.notEqual(Instances[0].LaunchTemplate.Version, LaunchTemplate.Version);
  await slowInstances(t);
  await boto(aws.env, "autoscaling", "start_instance_refresh", { AutoScalingGroupName });
  const ran = await abort("--yes");
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.json().state, "cancelled");
});

test("rollback refuses while a roll to something else is under way, and names abort", async (t) => {
  const cwd = await deployed(t);
  const image = await makeImage(aws, "aaaaaaaaaaaa");
  await slowInstances(t);
  await aws.run(["deploy", "--yes", "--no-wait", "--image", image], { cwd });
  const ran = await aws.run(["rollback", "--yes", "--json", ...named, aws.baseImageId]);
  assert.equal(ran.code, 1);
  assert.equal(ran.json().error?.code, "roll-under-way");
  assert.match(`${ran.json().error?.fix}`, /abort --sandbox --name hello/);
});

test("without a stack nothing is under way", async () => {
  const ran = await abort("--yes");
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.json().state, "nothing");
  assert.equal(ran.json().release, null);
});
