import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";
import { ownTags } from "../tags.ts";

/** What a bake leaves whose Packer was killed, tagged as Packer 1.6.6 does: the builder alone. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("dead-bakes", { machines: false });
});
after(() => aws?.stop());

const destroy = () => aws.run(["destroy", "--yes", "--json", "--name", "hello", "--environment", "test"]);

/** A builder as Packer makes it, and what it has besides. */
async function builder(number: number): Promise<{ id: string; group: string; key: string }> {
  const { GroupId: group } = await boto(aws.env, "ec2", "create_security_group", {
    GroupName: `packer_group${number}`,
    Description: "Temporary group for Packer",
    VpcId: aws.vpcId,
  });
  const key = `packer_hello-test_${number}`;
  await boto(aws.env, "ec2", "create_key_pair", { KeyName: key });
  return { id: await launch(group, key, ownTags("builder")), group, key };
}

async function launch(group: string, KeyName: string, Tags: object[]): Promise<string> {
  const { Instances } = await boto(aws.env, "ec2", "run_instances", {
    ImageId: aws.baseImageId,
    InstanceType: "t3.small",
    MinCount: 1,
    MaxCount: 1,
    SubnetId: aws.subnetIds[0],
    SecurityGroupIds: [group],
    KeyName,
    ...(Tags.length ? { TagSpecifications: [{ ResourceType: "instance", Tags }] } : {}),
  });
  return Instances[0].InstanceId;
}

const createImage = async (InstanceId: string, Name: string, fault?: object, more: object = {}): Promise<string> => {
  await aws.control("faults", fault ? { rules: [{ action: "CreateImage", fault }] } : {});
  const { ImageId } = await boto(aws.env, "ec2", "create_image", { InstanceId, Name, ...more });
  await aws.control("faults", {});
  return ImageId;
};

test("builders, running and stopped, go with all that came from them and has no tags yet", async () => {
  const before = await aws.state();
  const [running, stopped] = [await builder(1), await builder(2)];
  await boto(aws.env, "ec2", "stop_instances", { InstanceIds: [stopped.id] });
  await createImage(running.id, "hello-test-111111111111", { kind: "slow", seconds: 600 });
  await createImage(running.id, "hello-test-222222222222", { kind: "fail" });
  await createImage(stopped.id, "hello-test-333333333333");
  const orphan = await createImage(stopped.id, "hello-test-444444444444");
  await boto(aws.env, "ec2", "deregister_image", { ImageId: orphan });

  const ran = await destroy();
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ran.json().remaining, []);
  const deleted = (ran.json().deleted as { resource: string }[]).map(({ resource }) => resource);
  const count = (resource: string) => deleted.filter((one) => one === resource).length;
  assert.equal(count("instance"), 2);
  assert.equal(count("builder-security-group"), 2);
  assert.equal(count("builder-key-pair"), 2);
  assert.equal(count("builder-image"), 3);
  assert.deepEqual(await aws.state(), before, "nothing is left of it all");
});

test("what somebody else uses or made of a builder stays, and so does an image that is shared", async (t) => {
  const before = await aws.state();
  const ours = await builder(3);
  const theirs = await launch(ours.group, ours.key, []);
  const copy = await createImage(ours.id, "a copy of somebody's own");
  const Tags = [{ Key: "multivac:name", Value: "other" }];
  const others = await createImage(ours.id, "hello-test-555555555555", undefined, {
    TagSpecifications: ["image", "snapshot"].map((ResourceType) => ({ ResourceType, Tags })),
  });
  t.after(() => boto(aws.env, "ec2", "terminate_instances", { InstanceIds: [theirs] }));

  const ran = await destroy();
  assert.equal(ran.code, 0, ran.stderr);
  const state = await aws.state();
  assert.deepEqual(ofStack(state, "hello", "test"), {});
  const ids = (kind: string) => (state[kind] ?? []).map(({ id, name }) => name ?? id);
  assert.deepEqual(ids("instance"), [theirs]);
  assert.ok(ids("security-group").includes("packer_group3"), "an instance of somebody else is in it");
  assert.deepEqual(ids("key-pair"), ["packer_hello-test_3"]);
  const images = (state.image ?? []).map(({ id }) => id);
  assert.deepEqual(images.sort(), [copy, others].sort(), "one that has another stack's tags is that stack's");
  assert.equal(state.snapshot?.length, (before.snapshot?.length ?? 0) + 2, "with their snapshots");
});

test("what came from a builder that is the stack's no longer by the time it would be deleted is left alone", async () => {
  await aws.reset();
  // The least policy would refuse to end what is the stack's no longer.
  aws.leastPolicies = false;
  const { id, group } = await builder(4);
  await aws.control("faults", {
    rules: [{ action: "TerminateInstances", agent: "multivac", fault: { kind: "hold" } }],
  });
  const running = destroy();
  await aws.held();
  await boto(aws.env, "ec2", "delete_tags", { Resources: [id], Tags: [{ Key: "multivac:name" }] });
  await aws.control("faults", {});
  const ran = await running;
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /packer_group4 does not carry the stack's tags any more: left alone/);
  assert.ok((await aws.state())["security-group"]?.some((one) => one.id === group));
});
