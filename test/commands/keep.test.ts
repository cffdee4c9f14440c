import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** What stays of earlier releases. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("keep", { machines: false });
});
after(() => aws?.stop());

const own = (things: { tags: Record<string, string> }[] = []) =>
  things.filter(({ tags }) => tags["multivac:name"] === "hello").map(({ tags }) => tags["multivac:release"]);

async function versions(): Promise<{ VersionNumber: number; DefaultVersion: boolean; ImageId: string }[]> {
  const named = { LaunchTemplateName: "hello-test" };
  const { LaunchTemplateVersions } = await boto(aws.env, "ec2", "describe_launch_template_versions", named);
  return LaunchTemplateVersions.map(
    ({ LaunchTemplateData, ...version }: { LaunchTemplateData: { ImageId: string } }) => ({
      ...version,
      ImageId: LaunchTemplateData.ImageId,
    }),
  );
}

/** Changes the app, makes the image that its release wants, and deploys it. */
async function release(cwd: string): Promise<string> {
  await appendFile(path.join(cwd, "app", "tiny_app.py"), "# change\n");
  const { changes } = (await aws.run(["plan", "--json"], { cwd })).json();
  const [image] = (changes as { resource: string; fields: { release: { to: string } } }[]).filter(
    ({ resource }) => resource === "image",
  );
  const wanted = image?.fields.release.to ?? "";
  await makeImage(aws, wanted);
  const ran = await aws.run(["deploy", "--yes", "--json"], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.json().release, wanted);
  return wanted;
}

test("a release that was rolled back to stays beside the next, however old it is", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app, image: { keep: 3 } });
  t.after(() => aws.reset());
  const first = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(first.code, 0, first.stderr);

  const old = await release(cwd);
  await release(cwd);
  const third = await release(cwd);
  const there = await aws.run(["rollback", old, "--yes"], { cwd });
  assert.equal(there.code, 0, there.stderr);
  const fourth = await release(cwd);
  assert.deepEqual(own((await aws.state()).image).sort(), [old, third, fourth].sort());
  const back = await aws.run(["rollback", "--yes", "--json"], { cwd });
  assert.equal(back.json().release, old, back.stderr);
});

test("after ten deploys image.keep releases are left, their snapshots, and one template version for each", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app, image: { keep: 3 } });
  t.after(() => aws.reset());
  const first = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(first.code, 0, first.stderr);

  const releases: string[] = [];
  for (let count = 1; count <= 10; count++) {
    releases.push(await release(cwd));
  }

  const state = await aws.state();
  const kept = releases.slice(-3).sort();
  assert.deepEqual(own(state.image).sort(), kept);
  assert.deepEqual(own(state.snapshot).sort(), kept);
  const left = await versions();
  assert.equal(left.length, 4, "the three, and the image that was named at first");
  const [newest] = left.sort((a, b) => b.VersionNumber - a.VersionNumber);
  assert.deepEqual(state.image?.find(({ id }) => id === newest?.ImageId)?.tags["multivac:release"], releases.at(-1));

  await aws.calls();
  const again = await aws.run(["deploy", "--yes", "--json"], { cwd });
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(
    (await aws.calls()).filter(({ changing }) => changing),
    [],
  );

  const back = await aws.run(["rollback", "--yes", "--json"], { cwd });
  assert.equal(back.json().release, releases.at(-2), back.stderr);

  const elsewhere = state.image?.find(({ tags }) => tags["multivac:release"] === releases.at(-3))?.id;
  const run = { ImageId: elsewhere, MinCount: 1, MaxCount: 1, InstanceType: "t3.micro", SubnetId: aws.subnetIds[0] };
  const { Instances } = await boto(aws.env, "ec2", "run_instances", run);
  await writeConfig(cwd, { app: goodConfig.app, image: { keep: 1 } });
  for (let count = 1; count <= 10; count++) await appendFile(path.join(cwd, "app", "tiny_app.py"), "# change\n");
  const fewer = await aws.run(["deploy", "--yes", "--json"], { cwd });
  assert.equal(fewer.code, 0, fewer.stderr);
  assert.deepEqual(own((await aws.state()).image).sort(), [releases.at(-1), releases.at(-3)].sort());
  const settled = await aws.run(["plan", "--detailed-exitcode"], { cwd });
  assert.equal(settled.code, 0, "an image that somebody else uses is not planned to go");

  await boto(aws.env, "ec2", "terminate_instances", { InstanceIds: [Instances[0].InstanceId] });
  const last = await aws.run(["deploy", "--yes"], { cwd });
  assert.equal(last.code, 0, last.stderr);
  assert.deepEqual(own((await aws.state()).image), [releases.at(-1)]);
});
