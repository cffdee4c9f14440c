import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { boto } from "../boto3.ts";
import { temporaryFolder, writeConfig } from "../command-line.ts";
import { startFollowing } from "../followed.ts";
import { makeImage } from "../releases.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";
import { ownTags } from "../tags.ts";

/** How a stack goes: in which order, waiting for what, and never what has lost its tags. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("destroy", { machines: false });
});
after(() => aws?.stop());

const named = ["--name", "hello", "--environment", "test"];
const destroy = (...args: string[]) => aws.run(["destroy", "--yes", "--json", ...named, ...args]);
const mine = async () => ofStack(await aws.state(), "hello", "test");

async function deployed(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  t.after(() => aws.reset());
  const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  return cwd;
}

test("in the middle of a roll: the refresh is cancelled first, lingering interfaces are shown, all versions go", async (t) => {
  const cwd = await deployed(t);
  await aws.control("settings", { healthySeconds: 600, interfaceSeconds: 600 });
  t.after(() => aws.control("settings", { healthySeconds: 0.2, interfaceSeconds: 0.3 }));
  const image = await makeImage(aws, "aaaaaaaaaaaa");
  assert.equal((await aws.run(["deploy", "--yes", "--no-wait", "--image", image], { cwd })).code, 0);
  const template = (await mine())["launch-template"]?.[0];
  await aws.calls();

  const destroying = startFollowing(t, ["destroy", "--yes", "--json", "--sandbox", ...named], {
    MULTIVAC_SANDBOX: aws.id,
  });
  await destroying.until(
    /load balancer security group .*waiting for eni-\w+ of load balancer hello-test-lb, which is gone/,
  );
  await aws.control("settings", { interfaceSeconds: 0.3 });
  assert.equal(await destroying.ended, 0, destroying.stderr());
  const [{ remaining, deleted }] = destroying.documents();
  assert.deepEqual(remaining, []);
  const calls = (await aws.calls()).filter(({ changing }) => changing).map(({ action }) => action);
  const cancelled = calls.indexOf("CancelInstanceRefresh");
  assert.ok(cancelled >= 0 && cancelled < calls.indexOf("DeleteAutoScalingGroup"), calls.join(" "));
  assert.deepEqual(await mine(), {});
  assert.ok((deleted as { id: string }[]).some(({ id }) => id === template));
});

test("what has lost its tags by the time it would be deleted is left alone, and that is said", async (t) => {
  await deployed(t);
  const arn = (await mine())["target-group"]?.[0] ?? "";
  await aws.control("faults", { rules: [{ action: "DeleteAutoScalingGroup", times: 1, fault: { kind: "hold" } }] });
  const running = destroy();
  await aws.held();
  await boto(aws.env, "elbv2", "remove_tags", { ResourceArns: [arn], TagKeys: ["multivac:name"] });
  // What the look has read holds for a second.
  await sleep(1000);
  await aws.control("faults", {});

  const ran = await running;
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /target group hello-test-tg does not carry the stack's tags any more: left alone/);
  const deleted = ran.json().deleted as { id: string }[];
  assert.ok(!deleted.some(({ id }) => id === arn));
  assert.deepEqual(await mine(), {});
  assert.deepEqual(
    (await aws.state())["target-group"]?.map(({ id }) => id),
    [arn],
  );
  await boto(aws.env, "elbv2", "delete_target_group", { TargetGroupArn: arn });
});

test("duplicates of every part go too", async (t) => {
  await deployed(t);
  const [group, second] = await Promise.all([
    boto(aws.env, "ec2", "create_security_group", {
      GroupName: "second",
      Description: "second",
      VpcId: aws.vpcId,
      TagSpecifications: [{ ResourceType: "security-group", Tags: ownTags("instance-security-group") }],
    }),
    boto(aws.env, "ec2", "create_launch_template", {
      LaunchTemplateName: "second",
      LaunchTemplateData: { ImageId: aws.baseImageId, InstanceType: "t3.micro" },
      TagSpecifications: [{ ResourceType: "launch-template", Tags: ownTags("launch-template") }],
    }),
  ]);
  const { TargetGroups } = await boto(aws.env, "elbv2", "create_target_group", {
    Name: "second",
    Protocol: "HTTP",
    Port: 81,
    VpcId: aws.vpcId,
    Tags: ownTags("target-group"),
  });
  const { LoadBalancers } = await boto(aws.env, "elbv2", "create_load_balancer", {
    Name: "second",
    Subnets: aws.subnetIds,
    SecurityGroups: [group.GroupId],
    Tags: ownTags("load-balancer"),
  });
  await boto(aws.env, "elbv2", "create_listener", {
    LoadBalancerArn: LoadBalancers[0].LoadBalancerArn,
    Protocol: "HTTP",
    Port: 81,
    DefaultActions: [{ Type: "forward", TargetGroupArn: TargetGroups[0].TargetGroupArn }],
  });
  await boto(aws.env, "autoscaling", "create_auto_scaling_group", {
    AutoScalingGroupName: "second",
    LaunchTemplate: { LaunchTemplateId: second.LaunchTemplate.LaunchTemplateId, Version: "1" },
    MinSize: 1,
    MaxSize: 1,
    VPCZoneIdentifier: aws.subnetIds[0],
    Tags: ownTags("auto-scaling-group").map((tag) => ({ ...tag, PropagateAtLaunch: false })),
  });

  const ran = await destroy();
  assert.equal(ran.code, 0, ran.stderr);
  const deleted = (ran.json().deleted as { resource: string }[]).map(({ resource }) => resource);
  for (const kind of ["security-group", "launch-template", "target-group", "load-balancer", "auto-scaling-group"]) {
    assert.ok(deleted.includes(`other-${kind}`), `${kind} in ${deleted}`);
  }
  const left = await aws.state();
  assert.deepEqual(ofStack(left, "hello", "test"), {});
  assert.deepEqual(left.instance, []);
  assert.deepEqual(left.listener, []);
});

test("a network interface and a volume that were left go too, and security groups are let go of", async (t) => {
  await deployed(t);
  const { "security-group": Groups = [] } = await mine();
  const { NetworkInterface } = await boto(aws.env, "ec2", "create_network_interface", {
    SubnetId: aws.subnetIds[0],
    Groups,
    TagSpecifications: [{ ResourceType: "network-interface", Tags: ownTags("instance") }],
  });
  const { VolumeId } = await boto(aws.env, "ec2", "create_volume", {
    AvailabilityZone: `${aws.env.AWS_REGION}a`,
    Size: 1,
    TagSpecifications: [{ ResourceType: "volume", Tags: ownTags("volume") }],
  });
  const left: [kind: string, id: string][] = [
    ["network-interface", NetworkInterface.NetworkInterfaceId],
    ["volume", VolumeId],
  ];
  const isThere = async ([kind, id]: [string, string]) => (await aws.state())[kind]?.some((one) => one.id === id);
  for (const one of left) assert.equal(await isThere(one), true, one[0]);

  const ran = await destroy();
  assert.equal(ran.code, 0, ran.stderr);
  const deleted = (ran.json().deleted as { id: string }[]).map(({ id }) => id);
  for (const one of left) {
    assert.ok(deleted.includes(one[1]), `${deleted}`);
    assert.equal(await isThere(one), false, one[0]);
  }
  assert.deepEqual(await mine(), {});
});

test("destroy works with the config gone, and with one that has changed since", async (t) => {
  const cwd = await deployed(t);
  const file = path.join(cwd, "config.json");
  const config = JSON.parse(await readFile(file, "utf8"));
  await writeFile(
    file,
    JSON.stringify({ ...config, app: { path: "nowhere", module: "gone:app" }, instances: { min: -1 } }),
  );
  assert.equal((await aws.run(["status"], { cwd })).code, 0);
  await rm(file);
  const ran = await aws.run(["destroy", "--yes", ...named], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(await mine(), {});
});
