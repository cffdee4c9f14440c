import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { boto } from "../boto3.ts";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { startOddEndpoint } from "../odd-endpoint.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** Whose a lock is where EC2 tells late, and where its holder could tell nobody that it lives. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("lock-kept", { machines: false });
});
after(() => aws?.stop());

const locks = async () => (await aws.state())["launch-template"]?.filter(({ name }) => name?.endsWith("/lock")) ?? [];

async function configured(t: TestContext, name: string): Promise<string> {
  const cwd = await temporaryFolder(t);
  const network = { vpcId: aws.vpcId, subnetIds: aws.subnetIds };
  await writeConfig(cwd, { app: goodConfig.app, name, network });
  return cwd;
}

test("a run that takes over a dead one's lock knows its own, though EC2 still lists the dead one's", async (t) => {
  const cwd = await configured(t, "stale");
  const deploy = ["deploy", "--yes", "--json", "--no-wait", "--image", aws.baseImageId];
  const killed = await multivac(deploy, { cwd, env: aws.env, signal: { name: "SIGKILL", when: /✔ lock/ } });
  assert.equal(killed.code, -1, killed.stderr);
  assert.equal((await locks()).length, 1);

  const endpoint = await startOddEndpoint(t, aws.endpoint);
  endpoint.stale({
    read: /Action=DescribeLaunchTemplates&.*LaunchTemplateName\.1=stale-test%2Flock/,
    since: /Action=CreateLaunchTemplate&.*lock/,
    times: 1,
  });
  const ran = await multivac(deploy, { cwd, env: { ...aws.env, AWS_ENDPOINT_URL: endpoint.url } });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /Taking over the lock of .* with deploy/);
  assert.equal(endpoint.told(), 1, "EC2 has told of the lock before");
  assert.deepEqual(await locks(), []);
});

test("a run that EC2 shows another's lock for long gives back what it made, waits on, and gets its own", async (t) => {
  const cwd = await configured(t, "waits");
  const tags = { "multivac:name": "waits", "multivac:environment": "test", "multivac:heartbeat": "1" };
  const { LaunchTemplate } = await boto(aws.env, "ec2", "create_launch_template", {
    LaunchTemplateName: "waits-test/lock",
    LaunchTemplateData: { InstanceType: "t3.micro" },
    TagSpecifications: [
      { ResourceType: "launch-template", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    ],
  });
  const endpoint = await startOddEndpoint(t, aws.endpoint);
  const read = /Action=DescribeLaunchTemplates&.*LaunchTemplateName\.1=waits-test%2Flock/;
  endpoint.stale({ read, since: /Action=CreateLaunchTemplate&.*lock/, times: 12 });
  await aws.calls();
  const deploy = ["deploy", "--yes", "--json", "--no-wait", "--wait-lock", "--image", aws.baseImageId];
  const deploying = multivac(deploy, { cwd, env: { ...aws.env, AWS_ENDPOINT_URL: endpoint.url } });
  await eventually(async () => (await aws.calls()).some(({ action }) => action === "CreateLaunchTemplate"));
  await sleep(1000);
  await boto(aws.env, "ec2", "delete_launch_template", { LaunchTemplateId: LaunchTemplate.LaunchTemplateId });
  const ran = await deploying;
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(endpoint.told(), 12);
  assert.deepEqual(await locks(), []);
});

test("a run whose machine slept stops as it wakes: another may hold its lock by then", async (t) => {
  const cwd = await configured(t, "slept");
  await aws.control("settings", { healthySeconds: 60 });
  t.after(() => aws.control("settings", { healthySeconds: 0.2 }));
  const NODE_OPTIONS = `--import ${new URL("../slept.mjs?seconds=200", import.meta.url)}`;
  const env = { MULTIVAC_SANDBOX: aws.id, NODE_OPTIONS };
  const signal = { name: "SIGUSR2", when: /instances healthy: 0 of 1/ } as const;
  const ran = await multivac(["deploy", "--yes", "--json", "--image", aws.baseImageId, "--sandbox"], {
    cwd,
    env,
    signal,
  });
  assert.deepEqual([ran.code, ran.json().error?.code], [5, "lock-lost"], ran.stderr);
  assert.match(ran.json().error?.message ?? "", /No heartbeat of this run reached AWS for 75 seconds/);
  assert.match(ran.json().error?.fix ?? "", /deploy/);
  assert.deepEqual(await locks(), [], "it frees what is still its own");
});
