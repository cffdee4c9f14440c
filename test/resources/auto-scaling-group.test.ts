import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("auto-scaling-group", { machines: false });
});
after(() => aws?.stop());

const AutoScalingGroupName = "hello-test";
const group = async () => (await aws.state())["auto-scaling-group"]?.find(({ name }) => name === AutoScalingGroupName);
const scaling = (operation: string, parameters: object) =>
  boto(aws.env, "autoscaling", operation, { AutoScalingGroupName, ...parameters });

async function stack(t: TestContext, changes: Record<string, unknown> = {}) {
  const cwd = await temporaryFolder(t);
  t.after(() => aws.reset());
  await writeConfig(cwd, changes);
  const deploy = () => aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId], { cwd });
  const first = await deploy();
  assert.equal(first.code, 0, first.stderr);
  return { cwd, deploy };
}

test("a change of settings leaves the size alone that scaling has chosen meanwhile", async (t) => {
  const instances = { min: 1, max: 3 };
  const { cwd, deploy } = await stack(t, { instances });
  const slow = {
    action: "UpdateAutoScalingGroup",
    agent: "multivac",
    times: 1,
    fault: { kind: "delay", seconds: 600 },
  };
  await aws.control("faults", { rules: [slow] });
  await writeConfig(cwd, { instances, loadBalancer: { healthCheck: { gracePeriodSeconds: 99 } } });
  const deploying = deploy();
  await eventually(async () => (await aws.faults()).rules[0]?.fired === 1);
  await scaling("set_desired_capacity", { DesiredCapacity: 2 });
  await aws.control("faults", {});
  const ran = await deploying;
  assert.equal(ran.code, 0, ran.stderr);
  const { HealthCheckGracePeriod, DesiredCapacity } = (await group())?.raw ?? {};
  assert.deepEqual([HealthCheckGracePeriod, DesiredCapacity], [99, 2]);
});

test("a group that somebody is deleting is not taken for the stack's: a new one comes once it is gone", async (t) => {
  const { deploy } = await stack(t, { instances: { min: 1, max: 2 } });
  // An instance that is pending for that long keeps the group from being gone.
  const slow = { action: "RunInstances", agent: "autoscaling", times: 1, fault: { kind: "slow", seconds: 20 } };
  await aws.control("faults", { rules: [slow] });
  await scaling("set_desired_capacity", { DesiredCapacity: 2 });
  await eventually(async () => (await group())?.raw.Instances.length === 2);
  await scaling("delete_auto_scaling_group", { ForceDelete: true });
  const ran = await deploy();
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /waiting for the group of that name to be gone/);
  const { Status, Instances } = (await group())?.raw ?? {};
  assert.equal(Status, undefined);
  assert.equal(Instances.length, 1);
});

test("a launch template version that Auto Scaling does not know yet is waited for", async (t) => {
  const { cwd, deploy } = await stack(t);
  const message =
    "You must use a valid fully-formed launch template. Could not find the specified version 2 for the launch template with ID lt-0123456789abcdef0.";
  const fault = { kind: "refuse", code: "ValidationError", message };
  await aws.control("faults", { rules: [{ action: "StartInstanceRefresh", times: 2, fault }] });
  await writeConfig(cwd, { app: { ...goodConfig.app, env: { GREETING: "two" } } });
  const ran = await deploy();
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal((await group())?.raw.LaunchTemplate.Version, "2");
});

test("a group that is scaled to nothing has nothing that could answer", async (t) => {
  const network = { vpcId: aws.vpcId, subnetIds: aws.subnetIds };
  const instances = { min: 0, max: 1 };
  const { cwd } = await stack(t, { network, instances });
  await scaling("set_desired_capacity", { DesiredCapacity: 0 });
  await eventually(async () => (await group())?.raw.Instances.length === 0);
  await writeConfig(cwd, { network, instances, tags: { team: "blue" } });
  const ran = await multivac(["deploy", "--yes", "--json", "--image", aws.baseImageId], { cwd, env: aws.env });
  assert.equal(ran.code, 0, ran.stderr);
});
