import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { boto } from "../boto3.ts";
import { temporaryFolder, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";
import { ownTags } from "../tags.ts";

/** What a destroy cannot take away: each is listed, with why and what it costs. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("remaining", { machines: false });
});
after(() => aws?.stop());

interface Remaining {
  kind: string;
  id: string;
  why: string;
  costs: string;
}

const named = ["--name", "hello", "--environment", "test"];
const destroy = (...args: string[]) => aws.run(["destroy", "--yes", "--json", ...named, ...args]);
const mine = async () => ofStack(await aws.state(), "hello", "test");

async function deployed(t: TestContext): Promise<void> {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
}

async function snapshotOf(image: string): Promise<string> {
  const { Images } = await boto(aws.env, "ec2", "describe_images", { ImageIds: [image] });
  return Images[0].BlockDeviceMappings[0].Ebs.SnapshotId;
}

test("a snapshot that is shared, and one that another image uses, stay with why; then they go", async (t) => {
  await deployed(t);
  const shared = await snapshotOf(await makeImage(aws, "aaaaaaaaaaaa"));
  const used = await snapshotOf(await makeImage(aws, "bbbbbbbbbbbb"));
  const permission = { SnapshotId: shared, Attribute: "createVolumePermission", UserIds: ["210987654321"] };
  await boto(aws.env, "ec2", "modify_snapshot_attribute", { ...permission, OperationType: "add" });
  const { ImageId: other } = await boto(aws.env, "ec2", "register_image", {
    Name: "of somebody else",
    RootDeviceName: "/dev/xvda",
    BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: used } }],
  });

  const ran = await destroy();
  assert.equal(ran.code, 3, ran.stderr);
  assert.equal(ran.json().error?.code, "left-behind");
  const remaining = ran.json().remaining as Remaining[];
  const costs = "costs by what it stores, as long as it is there";
  const expected = [
    { kind: "snapshot", id: shared, why: "it is shared with account 210987654321", costs },
    { kind: "snapshot", id: used, why: `it is used by ${other}`, costs },
  ];
  const byId = (a: Remaining, b: Remaining) => (a.id < b.id ? -1 : 1);
  assert.deepEqual(remaining.sort(byId), expected.sort(byId));
  assert.match(ran.stderr, new RegExp(`snapshot ${shared} \\(costs by what it stores`));
  const deleted = (ran.json().deleted as Remaining[]).map(({ id }) => id);
  assert.ok(!deleted.includes(shared) && !deleted.includes(used), `${deleted}`);
  assert.deepEqual(Object.keys(await mine()), ["snapshot"]);

  await boto(aws.env, "ec2", "modify_snapshot_attribute", { ...permission, OperationType: "remove" });
  await boto(aws.env, "ec2", "deregister_image", { ImageId: other });
  const again = await destroy();
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(await mine(), {});
});

test("what somebody else uses is told at once, not waited for", async (t) => {
  await deployed(t);
  const { "load-balancer": [arn = ""] = [], "target-group": [target] = [] } = await mine();
  await boto(aws.env, "elbv2", "remove_tags", { ResourceArns: [arn], TagKeys: ["multivac:name"] });

  const ran = await destroy();
  assert.equal(ran.code, 3, ran.stderr);
  const remaining = ran.json().remaining as Remaining[];
  const why = (kind: string) => remaining.filter((one) => one.kind === kind).map((one) => one.why);
  assert.match(
    why("target-group")[0] ?? "",
    /in use by something that is not this stack's.* load balancer hello-test-lb/,
  );
  assert.match(why("security-group").join("\n"), /eni-\w+ of load balancer hello-test-lb/);
  assert.equal(remaining.find(({ id }) => id === target)?.costs, "costs nothing");
  assert.ok(
    (await aws.state())["load-balancer"]?.some(({ id }) => id === arn),
    "a load balancer without the tags is not ours",
  );

  await boto(aws.env, "elbv2", "add_tags", {
    ResourceArns: [arn],
    Tags: [{ Key: "multivac:name", Value: "hello" }],
  });
  const again = await destroy();
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(await mine(), {});
});

test("what AWS refuses to delete is told in its words, what would come after that is not tried, all else goes", async (t) => {
  await deployed(t);
  const images = [await makeImage(aws, "cccccccccccc"), await makeImage(aws, "dddddddddddd")];
  const refused = ["DeleteLoadBalancer", "DeleteTargetGroup", "DeregisterImage"];
  const fault = { kind: "refuse" };
  await aws.control("faults", { rules: refused.map((action) => ({ action, agent: "multivac", fault })) });
  await aws.calls();
  const ran = await destroy();
  const tried = (await aws.calls()).filter(({ changing }) => changing).map(({ action }) => action);
  await aws.control("faults", {});
  assert.equal(ran.code, 3, ran.stderr);
  const whys = (kind: string) =>
    (ran.json().remaining as Remaining[])
      .filter((one) => one.kind === kind)
      .map(({ why }) => /^(These credentials may not do \w+:\w+|It was not reached)/.exec(why)?.[0] ?? why);
  assert.deepEqual(whys("load-balancer"), ["These credentials may not do elasticloadbalancing:DeleteLoadBalancer"]);
  assert.deepEqual(whys("target-group"), ["These credentials may not do elasticloadbalancing:DeleteTargetGroup"]);
  const image = "These credentials may not do ec2:DeregisterImage";
  assert.deepEqual(whys("image"), [image, image]);
  assert.deepEqual(whys("snapshot"), ["It was not reached", "It was not reached"]);
  assert.deepEqual(whys("security-group"), ["It was not reached"], "of two: the load balancer's waits for it");
  assert.ok(!tried.includes("DeleteSnapshot"), `${tried}`);
  const left = await mine();
  assert.deepEqual(Object.keys(left).sort(), ["image", "load-balancer", "security-group", "snapshot", "target-group"]);
  assert.deepEqual(left.image?.sort(), images.sort());

  const again = await destroy();
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(await mine(), {});
});

test("a kind that may not be listed is not claimed to be gone, and one that multivac does not make is told", async () => {
  const { InternetGateway } = await boto(aws.env, "ec2", "create_internet_gateway", {
    TagSpecifications: [{ ResourceType: "internet-gateway", Tags: ownTags("gateway") }],
  });
  const { InternetGatewayId: id } = InternetGateway;
  const stray = await destroy();
  assert.equal(stray.code, 3, stray.stderr);
  const [remaining] = stray.json().remaining as Remaining[];
  assert.deepEqual([remaining?.kind, remaining?.id], ["internet-gateway", id]);
  assert.match(remaining?.why ?? "", /did not make it/);
  assert.match(remaining?.costs ?? "", /price list/);
  await boto(aws.env, "ec2", "delete_tags", { Resources: [id], Tags: ownTags("gateway") });
  await boto(aws.env, "ec2", "delete_internet_gateway", { InternetGatewayId: id });

  // The first look reads EC2's tags once; the last one does again, and without them asks for each kind.
  const refused = { agent: "multivac", fault: { kind: "refuse" } };
  const rules = [
    { ...refused, service: "ec2", action: "DescribeTags", skip: 1 },
    { ...refused, action: "DescribeVolumes" },
  ];
  await aws.control("faults", { rules });
  const blind = await destroy();
  await aws.control("faults", {});
  assert.equal(blind.code, 3, blind.stderr);
  assert.deepEqual(blind.json().remaining, []);
  const unread = blind.json().unread as { kind: string; why: string }[];
  assert.deepEqual(unread.map(({ kind }) => kind).sort(), ["other kinds of EC2", "volume"]);
  assert.match(unread.find(({ kind }) => kind === "volume")?.why ?? "", /may not do ec2:DescribeVolumes/);
  assert.doesNotMatch(blind.stdout + blind.stderr, /nothing (is )?left/);
});
