import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** All on one stack, one after the other: each leaves the second release live, but the last. */

let aws: TestSandbox;
let cwd: string;
before(async () => {
  aws = await startSandbox("rollback", { machines: false });
  cwd = await mkdtemp(path.join(tmpdir(), "multivac-rollback-"));
  await writeConfig(cwd, goodConfig);
});
after(async () => {
  await aws?.stop();
  await rm(cwd, { recursive: true });
});

const named = ["--name", "hello", "--environment", "test"];
const rollback = (...args: string[]) => aws.run(["rollback", "--yes", "--json", ...named, ...args]);
/** The first and the last are the lock's. */
/** Without how long instances took, which is kept where the machine was slow enough for it to differ. */
const changingCalls = async () =>
  (await aws.calls())
    .filter(({ changing, action }) => changing && action !== "UpdateAutoScalingGroup")
    .map(({ service, action }) => `${service}:${action}`);

async function refused(code: string, ...args: string[]) {
  const ran = await aws.run(["rollback", "--json", ...named, ...args]);
  assert.equal(ran.code, 1);
  assert.equal(ran.json().error?.code, code);
  return ran.json().error;
}

async function deploy(image: string): Promise<void> {
  const ran = await aws.run(["deploy", "--yes", "--image", image], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
}

let first: string;
let second: string;

interface TemplateData {
  ImageId: string;
  UserData: string;
  TagSpecifications: { Tags: { Key: string; Value: string }[] }[];
}

/** What the group launches from, by boto3. */
async function serving(): Promise<{ version: string; data: TemplateData; instances: string[] }> {
  const [group] = (await aws.state())["auto-scaling-group"] ?? [];
  const { LaunchTemplateId, Version } = group?.raw.LaunchTemplate ?? {};
  const { LaunchTemplateVersions } = await boto(aws.env, "ec2", "describe_launch_template_versions", {
    LaunchTemplateId,
    Versions: [Version],
  });
  const instances = group?.raw.Instances.map(
    (one: { LaunchTemplate: { Version: string } }) => one.LaunchTemplate.Version,
  );
  const data = LaunchTemplateVersions[0].LaunchTemplateData as TemplateData;
  for (const { Tags } of data.TagSpecifications) Tags.sort((a, b) => (a.Key < b.Key ? -1 : 1));
  return { version: Version, data, instances };
}

test("nothing is changed without a stack, or an earlier release", async () => {
  await refused("not-deployed", "--yes");
  await deploy(aws.baseImageId);
  await aws.calls();
  await refused("no-earlier-release", "--yes");
  assert.deepEqual(await changingCalls(), []);
});

test("nothing is changed without a terminal, or for an unknown release", async () => {
  first = await makeImage(aws, "aaaaaaaaaaaa");
  second = await makeImage(aws, "bbbbbbbbbbbb");
  await deploy(first);
  const config = { ...goodConfig, app: { ...goodConfig.app, env: { GREETING: "secret two" } } };
  await writeFile(path.join(cwd, "config.json"), JSON.stringify(config));
  await deploy(second);
  await aws.calls();
  await refused("needs-yes");
  const unknown = await refused("release-not-found", "--yes", "cccccccccccc");
  assert.match(`${unknown?.cause}`, /bbbbbbbbbbbb .*aaaaaaaaaaaa/);
  assert.deepEqual(await changingCalls(), []);
});

test("rollback goes to the release before by tags alone, and again to the one it came from", async () => {
  const before = await serving();
  await aws.calls();
  const ran = await rollback();
  assert.equal(ran.code, 0, ran.stderr);
  const result = ran.json();
  assert.equal(result.release, "aaaaaaaaaaaa");
  assert.equal(result.image, first);
  assert.match(`${result.url}`, /^http:\/\/127\./);
  assert.deepEqual(
    (result.changes as { resource: string; action: string }[]).map(({ resource, action }) => `${action} ${resource}`),
    ["update launch-template", "roll auto-scaling-group"],
  );
  assert.ok((result.timeline as { name: string }[]).some(({ name }) => name === "roll"));
  assert.deepEqual(await changingCalls(), [
    "ec2:CreateLaunchTemplate",
    "ec2:CreateLaunchTemplateVersion",
    "autoscaling:StartInstanceRefresh",
    "ec2:DeleteLaunchTemplate",
  ]);

  const now = await serving();
  assert.equal(Number(now.version), Number(before.version) + 1);
  assert.deepEqual(now.instances, [now.version]);
  const script = Buffer.from(before.data.UserData, "base64").toString();
  assert.match(script, /GREETING="secret two"[\s\S]*MULTIVAC_RELEASE="bbbbbbbbbbbb"/);
  assert.deepEqual(
    { ...now.data, UserData: Buffer.from(now.data.UserData, "base64").toString() },
    {
      ...before.data,
      ImageId: first,
      UserData: script.replace("bbbbbbbbbbbb", "aaaaaaaaaaaa"),
      TagSpecifications: JSON.parse(
        JSON.stringify(before.data.TagSpecifications).replaceAll("bbbbbbbbbbbb", "aaaaaaaaaaaa"),
      ),
    },
    "only the image and its release differ; today's app.env stays",
  );
  assert.doesNotMatch(ran.stdout + ran.stderr, /secret two/, "values of app.env are never shown");

  const back = await rollback();
  assert.equal(back.code, 0, back.stderr);
  assert.equal(back.json().image, second);
  const listed = (await aws.run(["releases", "--json"], { cwd })).json().releases as { image: string; live: boolean }[];
  assert.deepEqual(
    listed.filter(({ live }) => live).map(({ image }) => image),
    [second],
  );
});

test("rollback to a release by name; one that is live already changes nothing; after it deploy goes on", async () => {
  const there = await rollback("aaaaaaaaaaaa");
  assert.equal(there.code, 0, there.stderr);
  assert.equal((await serving()).data.ImageId, first);

  await aws.calls();
  const again = await rollback("aaaaaaaaaaaa");
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stderr, /aaaaaaaaaaaa is live already/);
  assert.equal(again.json().image, first);
  assert.deepEqual(again.json().changes, []);
  assert.deepEqual(await changingCalls(), []);

  await deploy(second);
  assert.equal((await serving()).data.ImageId, second);
});

test("a release that the group names is not live while instances run another", async () => {
  // As a roll back to it that failed or was cancelled leaves it.
  const LaunchTemplateName = "hello-test";
  const { LaunchTemplateVersions } = await boto(aws.env, "ec2", "describe_launch_template_versions", {
    LaunchTemplateName,
  });
  const of = (image: string) =>
    LaunchTemplateVersions.find(
      (one: { LaunchTemplateData: TemplateData }) => one.LaunchTemplateData.ImageId === image,
    );
  const { LaunchTemplateId, VersionNumber } = of(first);
  await boto(aws.env, "autoscaling", "update_auto_scaling_group", {
    AutoScalingGroupName: "hello-test",
    LaunchTemplate: { LaunchTemplateId, Version: `${VersionNumber}` },
  });
  const ran = await rollback("aaaaaaaaaaaa");
  assert.equal(ran.code, 0, ran.stderr);
  assert.doesNotMatch(ran.stderr, /live already/);
  const now = await serving();
  assert.equal(now.data.ImageId, first);
  assert.deepEqual(now.instances, [now.version]);
  await deploy(second);
});

test("a release that does not get healthy any more: rolled back, exit code 4, the live one serves on", async (t) => {
  const before = await serving();
  await aws.control("settings", { answer: 500, refreshSeconds: 2 });
  t.after(() => aws.control("settings", { answer: 200, refreshSeconds: 3600 }));
  const ran = await rollback();
  assert.equal(ran.code, 4, ran.stderr);
  assert.equal(ran.json().error?.code, "release-failed");
  assert.equal(ran.json().image, second);
  assert.equal((await serving()).version, before.version);
  assert.ok(ofStack(await aws.state(), "hello", "test").instance?.length);
});

test("a release before whose image is gone is told, and an older one taken only when it is named", async () => {
  await boto(aws.env, "ec2", "deregister_image", { ImageId: first });
  const gone = await refused("no-earlier-release", "--yes");
  assert.match(`${gone?.cause}`, new RegExp(first));
  assert.match(`${gone?.fix}`, new RegExp(aws.baseImageId));
  const ran = await rollback(aws.baseImageId);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.json().image, aws.baseImageId, "an image that was named before is a release too");
});
