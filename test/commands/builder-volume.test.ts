import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { standIns } from "../policy/programs.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** How large a builder's disk is, and what that is to the images that come of it. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("builder-volume", { machines: false });
});
after(() => aws?.stop());

/** The sizes of the stack's images, by the part they play. */
async function sizes(): Promise<Record<string, number>> {
  const own = ((await aws.state()).image ?? []).filter(({ tags }) => tags["multivac:name"] === "hello");
  const size = ({ raw }: { raw: { BlockDeviceMappings: { Ebs: { VolumeSize: number } }[] } }) =>
    raw.BlockDeviceMappings[0]?.Ebs.VolumeSize ?? 0;
  return Object.fromEntries(own.map((one) => [one.tags["multivac:resource"] ?? "", size(one)]));
}

test("a builder has as much room as the instances; what was baked there launches on no less", async (t) => {
  const cwd = await temporaryFolder(t);
  const env = await standIns(cwd);
  const deploy = async (volumeGiB: number) => {
    await writeConfig(cwd, { app: goodConfig.app, image: { keep: 1 }, instances: { volumeGiB } });
    await appendFile(path.join(cwd, "app/tiny_app.py"), `# for ${volumeGiB} GiB\n`);
    const ran = await aws.run(["deploy", "--yes", "--json"], { cwd, env });
    assert.equal(ran.code, 0, ran.stderr);
  };
  await deploy(8);
  assert.deepEqual(await sizes(), { image: 8, "base-image": 8 }, "as large as the system's image");
  await deploy(20);
  assert.deepEqual(await sizes(), { image: 20, "base-image": 8 }, "also upon a base image that is smaller");
  await deploy(10);
  assert.deepEqual(await sizes(), { image: 10, "base-image": 8 }, "what was larger is not passed on");
});
