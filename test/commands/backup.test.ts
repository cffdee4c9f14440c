import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("backup", { machines: false });
});
after(() => aws?.stop());

test("a backup of an instance is no release: the next deploy changes nothing, a destroy tells of it and leaves it", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app, image: { keep: 1 } });
  const first = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(first.code, 0, first.stderr);
  const { changes } = (await aws.run(["plan", "--json"], { cwd })).json() as {
    changes?: { resource: string; fields: { release: { to: string } } }[];
  };
  const release = changes?.find(({ resource }) => resource === "image")?.fields.release.to ?? "";
  const image = await makeImage(aws, release);
  const deployed = await aws.run(["deploy", "--yes", "--json"], { cwd });
  assert.deepEqual([deployed.code, deployed.json().image], [0, image], deployed.stderr);

  const [instance] = (await aws.state()).instance?.filter(({ raw }) => raw.State.Name === "running") ?? [];
  const tagsOf = (part: string) =>
    Object.entries({ ...instance?.tags, "multivac:resource": part })
      .filter(([key]) => !key.startsWith("aws:"))
      .map(([Key, Value]) => ({ Key, Value }));
  const { ImageId: backup } = await boto(aws.env, "ec2", "create_image", {
    InstanceId: instance?.id,
    Name: "AwsBackup_of_last_night",
    TagSpecifications: [
      { ResourceType: "image", Tags: tagsOf("instance") },
      { ResourceType: "snapshot", Tags: tagsOf("volume") },
    ],
  });
  await aws.calls();
  const again = await aws.run(["deploy", "--yes", "--json"], { cwd });
  assert.deepEqual([again.code, again.json().image], [0, image], again.stderr);
  const changing = (await aws.calls()).filter((call) => call.changing);
  assert.deepEqual(changing, []);
  const { releases } = (await aws.run(["releases", "--json"], { cwd })).json() as { releases?: { image: string }[] };
  assert.ok(!releases?.some((one) => one.image === backup), JSON.stringify(releases));

  for (const left of ["all else goes", "nothing else is left"]) {
    const destroyed = await aws.run(["destroy", "--yes", "--json"], { cwd });
    assert.equal(destroyed.code, 3, destroyed.stderr);
    const remaining = destroyed.json().remaining as { kind: string; id: string; why: string }[];
    assert.deepEqual(remaining.map(({ kind }) => kind).sort(), ["image", "snapshot"], left);
    assert.ok(remaining.every(({ why }) => /backup.*did not make it/.test(why)));
    assert.equal(remaining.find(({ kind }) => kind === "image")?.id, backup);
  }
  const images = (await aws.state()).image?.filter(({ tags }) => tags["multivac:name"] === "hello");
  assert.deepEqual(
    images?.map(({ id }) => id),
    [backup],
  );
});
