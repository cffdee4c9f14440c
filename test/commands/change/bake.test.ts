import assert from "node:assert/strict";
import { appendFile, cp, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { boto } from "../../boto3.ts";
import { goodConfig, multivac, type Ran } from "../../command-line.ts";
import { makeBaseImage, makeImage } from "../../releases.ts";
import { startSandbox, type TestSandbox } from "../../sandboxes.ts";
import { viewOf } from "./aws-view.ts";
import { baking, bakingByAge, bakingElsewhere, bakingNothing, keeping } from "./bake.ts";
import { assertPlanned, assertQuiet, planEach, roll, subjectIn, valuesOf } from "./key-change.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("change-bake", { machines: false });
});
after(() => aws?.stop());

const outside: TestSandbox["run"] = (args, options) => multivac(args, { ...options, env: aws.env });

/** What a plan would bake: the release, or the layer below it. */
function baked(plan: Ran, part: string, field: string): string {
  const changes = plan.json().changes as { resource: string; fields?: Record<string, { to: string }> }[];
  return changes.find(({ resource }) => resource === part)?.fields?.[field]?.to ?? "";
}

const releaseOf = (plan: Ran) => baked(plan, "image", "release");

test("keys that shape the image: each alone is another release, baked and rolled out", async (t) => {
  const { vpcId, subnetIds } = aws;
  const config = { ...goodConfig, network: { vpcId, subnetIds }, image: { os: "debian-12", keep: 5 } };
  const subject = await subjectIn(t, aws.run, config);
  const [app, other] = ["app", "other"].map((name) => path.join(subject.cwd, name));
  await writeFile(path.join(app ?? "", "notes.txt"), "not for the image\n");
  await cp(app ?? "", other ?? "", { recursive: true });

  await subject.deploy("--image", aws.baseImageId);
  const base = await makeImage(aws, "0123456789ab", { "multivac:name": "somebody" });
  await subject.deploy("--image", await makeImage(aws, "aaaaaaaaaaaa", { "multivac:base": base }));
  const first = await subject.plan();
  const [release, layer] = [releaseOf(first), baked(first, "base-image", "layer")];
  const live = { release, layer, image: await makeImage(aws, release, { "multivac:base": base }) };
  await makeBaseImage(aws, layer, { "multivac:base": base });
  assertPlanned(await subject.deploy(), {
    "update launch-template": undefined,
    ...roll,
  });

  await t.test("the same files in another folder, and an exclusion of what is not there, are no change", async () => {
    await subject.write({ "app.path": "other", "app.exclude": ["nothing-of-this-name"] });
    assertPlanned(await subject.plan(), {});
  });
  await appendFile(path.join(other ?? "", "tiny_app.py"), "# changed\n");
  await planEach(t, subject, [...baking(live), ...bakingNothing]);

  await t.test("image.maxBaseAgeDays: a base that is young enough is no change", async () => {
    await subject.write({ "image.maxBaseAgeDays": 1 });
    assertPlanned(await subject.plan(), {});
  });
  await boto(aws.env, "ec2", "deregister_image", { ImageId: base });
  await planEach(t, subject, bakingByAge(live));

  await t.test(
    "what needs a base image that was withdrawn is refused with the way out, what does not is baked",
    async () => {
      await subject.write({ "image.timezone": "Europe/Berlin" });
      const refused = await subject.plan();
      assert.equal(refused.json().error?.code, "no-base-image", refused.stdout);
      assert.match(refused.json().error?.message ?? "", new RegExp(base));
      assert.match(refused.json().error?.fix ?? "", /deploy .*--refresh-base/);
      assertPlanned(await subject.plan("--refresh-base"), bakingByAge(live)[0]?.planned ?? {});
      await subject.write({ "app.exclude": ["notes.txt"] });
      assertPlanned(await subject.plan(), baking(live).find(({ key }) => key === "app.exclude")?.planned ?? {});
    },
  );

  await t.test("another architecture of the instances wants another base image", async () => {
    await subject.write({ "instances.type": "t4g.micro" });
    const refused = await outside(["plan", "--json"], { cwd: subject.cwd });
    assert.equal(refused.json().error?.code, "no-base-image");
    assert.match(refused.json().error?.message ?? "", /debian-12 for arm64/);
    assert.equal((await subject.plan()).json().error?.code, "architecture-mismatch", "the sandbox has but one");
  });
  await makeImage(aws, "bbbbbbbbbbbb", { "multivac:os": "ubuntu-24.04" });
  await planEach(
    t,
    {
      ...subject,
      plan: (...args) => outside(["plan", "--json", "--detailed-exitcode", ...args], { cwd: subject.cwd }),
    },
    bakingElsewhere(live),
  );

  await planEach(t, subject, keeping);

  await t.test("once it is baked the image is rolled out", async () => {
    await subject.write({ ...valuesOf(baking(live)), "app.module": undefined, "image.maxBaseAgeDays": 3650 });
    const made = await makeImage(aws, releaseOf(await subject.plan()));
    assertPlanned(await subject.deploy(), { "update launch-template": undefined, ...roll });
    const view = await viewOf(aws);
    assert.deepEqual([view.template.ImageId, view.one("instance").raw.ImageId], [made, made]);
    await assertQuiet(aws, subject);
  });
});
