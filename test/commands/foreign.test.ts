import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { makeImage } from "../releases.ts";
import { type AwsState, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** Whatever is not the stack's comes through everything unchanged, as boto3 reads it. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("foreign", { machines: false });
});
after(() => aws?.stop());

const named = ["--name", "hello", "--environment", "test"];

/** Of a state, the things that were there in another. */
function those(state: AwsState, of: AwsState): AwsState {
  return Object.fromEntries(
    Object.entries(of).map(([kind, things]) => {
      const ids = things.map(({ id }) => id);
      return [kind, (state[kind] ?? []).filter(({ id }) => ids.includes(id))];
    }),
  );
}

/** An instance, its volume, an image and a snapshot of it, a key pair, and things whose names begin like ours. */
async function untagged(): Promise<void> {
  const ec2 = (operation: string, parameters: object) => boto(aws.env, "ec2", operation, parameters);
  const launch = { ImageId: aws.baseImageId, InstanceType: "t3.micro", MinCount: 1, MaxCount: 1 };
  await ec2("create_key_pair", { KeyName: "packer_5e1f" });
  const { Instances } = await ec2("run_instances", { ...launch, SubnetId: aws.subnetIds[0], KeyName: "packer_5e1f" });
  const [{ InstanceId }] = Instances;
  await ec2("create_image", { InstanceId, Name: "hello-test-0123456789ab" });
  await ec2("create_volume", { AvailabilityZone: `${aws.env.AWS_REGION}a`, Size: 1 });
  const group = { Description: "not ours", VpcId: aws.vpcId };
  await ec2("create_security_group", { ...group, GroupName: "hello-test-lb-2" });
  await ec2("create_security_group", { ...group, GroupName: "packer_5e1f" });
  await ec2("create_launch_template", {
    LaunchTemplateName: "hello-test-2",
    LaunchTemplateData: { InstanceType: "t3.micro" },
  });
}

test("another stack, another environment and untagged things: unchanged by deploy, change, rollback and destroy", async (t) => {
  const cwd = await temporaryFolder(t);
  const file = await writeConfig(cwd);
  const run = async (...args: string[]) => {
    const ran = await aws.run([...args, "--yes"], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
  };
  const empty = await aws.state();
  await run("deploy", "--image", aws.baseImageId, "--environment", "prod");
  await writeFile(file, JSON.stringify({ ...goodConfig, name: "hello-test" }));
  await run("deploy", "--image", aws.baseImageId);
  await untagged();
  const foreign = await aws.state();
  const unchanged = async (when: string) => assert.deepEqual(those(await aws.state(), foreign), foreign, when);

  await writeFile(file, JSON.stringify(goodConfig));
  await run("deploy", "--image", aws.baseImageId);
  await unchanged("after a deploy");
  const [first, second] = [await makeImage(aws, "aaaaaaaaaaaa"), await makeImage(aws, "bbbbbbbbbbbb")];
  await run("deploy", "--image", first);
  const loadBalancer = { allowFrom: ["192.0.2.0/24"] };
  await writeFile(file, JSON.stringify({ ...goodConfig, loadBalancer, tags: { team: "blue" } }));
  await run("deploy", "--image", second);
  await unchanged("after changed deploys");
  await run("rollback", "aaaaaaaaaaaa");
  await unchanged("after a rollback");
  await run("destroy");
  assert.deepEqual(await aws.state(), foreign, "after a destroy");

  await run("destroy", "--name", "hello", "--environment", "prod");
  await run("destroy", "--name", "hello-test", "--environment", "test");
  const left = await aws.state();
  assert.deepEqual(left["load-balancer"], empty["load-balancer"]);
});

const isBalancers = (networkInterface: object) => JSON.stringify(networkInterface).includes("ELB app/hello-test-lb/");

/** Makes each thing that a deploy would want to make, of somebody else's, for as long as `during` takes. */
async function withNamesakes(during: (id: RegExp, what: string) => Promise<void>): Promise<void> {
  const { env, baseImageId: ImageId, vpcId: VpcId, subnetIds: Subnets } = aws;
  const LaunchTemplateData = { ImageId, InstanceType: "t3.micro" };
  const ec2 = (operation: string, parameters: object) => boto(env, "ec2", operation, parameters);
  const elb = (operation: string, parameters: object) => boto(env, "elbv2", operation, parameters);
  const scaling = (operation: string, parameters: object) => boto(env, "autoscaling", operation, parameters);

  const { GroupId } = await ec2("create_security_group", { GroupName: "hello-test-app", Description: "other", VpcId });
  await during(new RegExp(GroupId), "security group");
  await ec2("delete_security_group", { GroupId });

  const LaunchTemplateName = "hello-test";
  const { LaunchTemplate } = await ec2("create_launch_template", { LaunchTemplateName, LaunchTemplateData });
  const { LaunchTemplateId } = LaunchTemplate;
  await during(new RegExp(LaunchTemplateId), "launch template");
  await ec2("delete_launch_template", { LaunchTemplateId });

  const target = { Name: "hello-test-tg", Protocol: "HTTP", Port: 80, VpcId };
  const [{ TargetGroupArn }] = (await elb("create_target_group", target)).TargetGroups;
  await during(/targetgroup\/hello-test-tg/, "target group");
  await elb("delete_target_group", { TargetGroupArn });

  const [{ LoadBalancerArn }] = (await elb("create_load_balancer", { Name: "hello-test-lb", Subnets })).LoadBalancers;
  await during(/loadbalancer\/app\/hello-test-lb/, "load balancer");
  await elb("delete_load_balancer", { LoadBalancerArn });
  const lingers = async () => ((await aws.state())["network-interface"] ?? []).some((one) => isBalancers(one));
  for (let tries = 0; await lingers(); tries++) assert.ok(tries < 50, "a load balancer's interfaces go after it");

  await ec2("create_launch_template", { LaunchTemplateName: "of-somebody", LaunchTemplateData });
  const AutoScalingGroupName = "hello-test";
  await scaling("create_auto_scaling_group", {
    AutoScalingGroupName,
    LaunchTemplate: { LaunchTemplateName: "of-somebody", Version: "1" },
    MinSize: 0,
    MaxSize: 0,
    VPCZoneIdentifier: Subnets[0],
  });
  await during(/auto-scaling-group hello-test /, "group");
  await scaling("delete_auto_scaling_group", { AutoScalingGroupName });
}

test("a namesake without our tags stops a deploy, which names it, and no destroy touches it", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  await withNamesakes(async (id, what) => {
    await settled();
    const there = await aws.state();
    await aws.calls();
    const ran = await aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId], { cwd });
    const { error } = ran.json();
    assert.deepEqual([ran.code, error?.code], [1, "name-taken"], what);
    assert.match(`${error?.message} ${error?.cause}`, id);
    assert.equal((await aws.run(["destroy", "--yes", ...named])).code, 0);
    const changing = (await aws.calls()).filter((call) => call.changing);
    assert.deepEqual(changing, [], what);
    assert.deepEqual(await aws.state(), there);
  });
});

/** Waits until no load balancer is provisioning any more: that changes by itself. */
async function settled(): Promise<void> {
  const states = async () => ((await aws.state())["load-balancer"] ?? []).map(({ raw }) => raw.State.Code);
  await eventually(async () => !(await states()).includes("provisioning"));
}
