import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** What is protected against deletion, by the config or by hand. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("destroy-protection", { machines: false });
});
after(() => aws?.stop());

const named = ["--name", "hello", "--environment", "test"];
const destroy = (...args: string[]) => aws.run(["destroy", "--yes", "--json", ...named, ...args]);
const changing = async () => (await aws.calls()).filter((call) => call.changing).map(({ action }) => action);
const mine = async () => ofStack(await aws.state(), "hello", "test");

async function protections(): Promise<unknown> {
  const { AutoScalingGroups } = await boto(aws.env, "autoscaling", "describe_auto_scaling_groups");
  const [LoadBalancerArn] = (await mine())["load-balancer"] ?? [];
  const { Attributes } = await boto(aws.env, "elbv2", "describe_load_balancer_attributes", { LoadBalancerArn });
  const balancer = Attributes.find(({ Key }: { Key: string }) => Key === "deletion_protection.enabled");
  return [AutoScalingGroups[0].DeletionProtection ?? "none", balancer?.Value];
}

test("deletionProtection protects load balancer and group, refuses destroy and replacement, and is cleared in place", async (t) => {
  const cwd = await temporaryFolder(t);
  const file = await writeConfig(cwd);
  t.after(() => aws.reset());
  const deploy = async (changes: object) => {
    await writeFile(file, JSON.stringify({ ...goodConfig, ...changes }));
    await aws.calls();
    return await aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId], { cwd });
  };
  const port = { app: { ...goodConfig.app, port: 8080 } };
  assert.equal((await deploy({})).code, 0);
  assert.deepEqual(await protections(), ["none", "false"]);

  const both = await deploy({ deletionProtection: true, ...port });
  assert.equal(both.code, 1);
  assert.equal(both.json().error?.code, "deletion-protected", "also where the config sets it at the same time");
  assert.deepEqual(await changing(), []);

  const guarded = await deploy({ deletionProtection: true });
  assert.equal(guarded.code, 0, guarded.stderr);
  assert.deepEqual(await protections(), ["prevent-all-deletion", "true"]);

  const replacing = await deploy({ deletionProtection: true, ...port });
  assert.equal(replacing.code, 1);
  assert.match(replacing.json().error?.cause ?? "", /auto-scaling-group hello-test: deletion protection/);
  assert.deepEqual(await changing(), []);

  const refused = await destroy();
  assert.equal(refused.code, 1);
  const { error } = refused.json();
  assert.equal(error?.code, "deletion-protected");
  assert.match(error?.cause ?? "", /load-balancer hello-test-lb: deletion protection/);
  assert.match(error?.cause ?? "", /auto-scaling-group hello-test: deletion protection \(prevent-all-deletion\)/);
  assert.match(error?.fix ?? "", /destroy --force .*--name hello/);
  assert.deepEqual(await changing(), []);

  assert.equal((await deploy({ deletionProtection: false })).code, 0);
  assert.deepEqual(await protections(), ["none", "false"]);
  await writeFile(file, JSON.stringify({ ...goodConfig, deletionProtection: true }));
  await aws.calls();
  const byConfig = await aws.run(["destroy", "--yes", "--json"], { cwd });
  assert.match(byConfig.json().error?.cause ?? "", /the config: deletionProtection is true/);
  assert.deepEqual(await changing(), []);
  const forced = await aws.run(["destroy", "--yes", "--json", "--force"], { cwd });
  assert.equal(forced.code, 0, forced.stderr);
  assert.deepEqual(await mine(), {});
});

test("what was protected by hand is named, each thing by itself, and taken down by --force alone", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { instances: { min: 2, max: 2 } });
  t.after(() => aws.reset());
  assert.equal((await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd })).code, 0);
  const image = await makeImage(aws, "aaaaaaaaaaaa");
  const { instance: [first = "", second = ""] = [], "load-balancer": [LoadBalancerArn] = [] } = await mine();
  const AutoScalingGroupName = "hello-test";
  const off = { Value: true };
  await boto(aws.env, "ec2", "modify_instance_attribute", { InstanceId: first, DisableApiTermination: off });
  await boto(aws.env, "ec2", "modify_instance_attribute", { InstanceId: second, DisableApiStop: off });
  await boto(aws.env, "autoscaling", "set_instance_protection", {
    AutoScalingGroupName,
    InstanceIds: [first],
    ProtectedFromScaleIn: true,
  });
  await boto(aws.env, "autoscaling", "update_auto_scaling_group", {
    AutoScalingGroupName,
    NewInstancesProtectedFromScaleIn: true,
  });
  await boto(aws.env, "ec2", "enable_image_deregistration_protection", { ImageId: image });
  await boto(aws.env, "elbv2", "modify_load_balancer_attributes", {
    LoadBalancerArn,
    Attributes: [{ Key: "deletion_protection.enabled", Value: "true" }],
  });

  await aws.calls();
  const refused = await destroy();
  assert.equal(refused.code, 1);
  assert.deepEqual((refused.json().error?.cause ?? "").split("\n").sort(), [
    `auto-scaling-group hello-test: scale-in protection of ${first}`,
    `image hello-test-aaaaaaaaaaaa: deregistration protection`,
    ...[`instance ${first}: termination protection`, `instance ${second}: stop protection`].sort(),
    "load-balancer hello-test-lb: deletion protection",
  ]);
  assert.deepEqual(await changing(), []);

  const asked = await aws.run(["destroy", ...named, "--force"], { input: "" });
  assert.equal(asked.code, 1, "it asks all the same");
  const forced = await destroy("--force");
  assert.equal(forced.code, 0, forced.stderr);
  assert.deepEqual(forced.json().remaining, []);
  assert.deepEqual(await mine(), {});
  const gone = (await aws.state()).instance ?? [];
  assert.deepEqual(gone, []);
});

test("an image that is protected with a cooldown AWS keeps after --force, and that is told", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  t.after(() => aws.reset());
  assert.equal((await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd })).code, 0);
  const image = await makeImage(aws, "bbbbbbbbbbbb");
  await boto(aws.env, "ec2", "enable_image_deregistration_protection", { ImageId: image, WithCooldown: true });

  const refused = await destroy();
  assert.match(refused.json().error?.cause ?? "", /keeps up for 24 hours/);
  const forced = await destroy("--force");
  assert.equal(forced.code, 3);
  const remaining = forced.json().remaining as { kind: string; id: string; why: string; costs: string }[];
  assert.deepEqual(remaining.map(({ kind, id }) => [kind, id === image || kind === "snapshot"]).sort(), [
    ["image", true],
    ["snapshot", true],
  ]);
  assert.match(remaining.find(({ id }) => id === image)?.why ?? "", /ec2:DeregisterImage.*deregistration protection/);
  assert.deepEqual(Object.keys(await mine()), ["image", "snapshot"]);
});
