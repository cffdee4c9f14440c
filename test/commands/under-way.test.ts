import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("under-way", { machines: false });
});
after(() => aws?.stop());

test("a roll goes on without the tool: the same deploy follows it, another one is refused", async (t) => {
  const cwd = await temporaryFolder(t);
  const file = await writeConfig(cwd);
  t.after(() => aws.reset());
  const deploy = async (env: Record<string, string>, ...args: string[]) => {
    await writeFile(file, JSON.stringify({ ...goodConfig, app: { ...goodConfig.app, env } }));
    return await aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId, ...args], { cwd });
  };
  assert.equal((await deploy({})).code, 0);
  await aws.control("settings", { healthySeconds: 600 });
  assert.equal((await deploy({ A: "1" }, "--no-wait")).code, 0);

  const other = await deploy({ A: "2" });
  assert.equal(other.code, 1);
  assert.equal(other.json().error?.code, "roll-under-way");
  assert.match(other.json().error?.fix ?? "", /abort --sandbox/);

  assert.equal((await aws.run(["status", "--json"], { cwd })).json().state, "deploying");
  await aws.control("settings", { healthySeconds: 0.2 });
  const same = await deploy({ A: "1" });
  assert.equal(same.code, 0, same.stderr);
  const refreshes = await boto(aws.env, "autoscaling", "describe_instance_refreshes", {
    AutoScalingGroupName: "hello-test",
  });
  assert.deepEqual(
    refreshes.InstanceRefreshes.map(({ Status }: { Status: string }) => Status),
    ["Successful"],
  );
  const [group] = (await aws.state())["auto-scaling-group"] ?? [];
  assert.equal(group?.raw.LaunchTemplate.Version, "2");
});
