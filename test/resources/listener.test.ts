import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("listener", { machines: false });
});
after(() => aws?.stop());

test("a group made beside a larger one is switched to once all of its own are healthy", async (t) => {
  const cwd = await temporaryFolder(t);
  const deploy = async (port: number, instances: object) => {
    await writeConfig(cwd, { app: { ...goodConfig.app, port }, instances });
    return await aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId], { cwd });
  };
  const first = await deploy(80, { min: 3, max: 3 });
  assert.equal(first.code, 0, first.stderr);
  const fewer = await deploy(8080, { min: 1, max: 2 });
  assert.equal(fewer.code, 0, fewer.stderr);
  assert.match(fewer.stderr, /of 2 new targets healthy; the old ones serve/);
  const state = await aws.state();
  assert.equal(ofStack(state, "hello", "test")["auto-scaling-group"]?.length, 1);
  assert.deepEqual(
    state["target-group"]?.map(({ raw }) => raw.Port),
    [8080],
  );
});
