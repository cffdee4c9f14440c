import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { fastClock } from "../errors/clock.ts";
import { assertEnds } from "../errors/documented.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** What goes wrong once the new release serves: it serves all the same, and that is told first. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("untidied", { machines: false });
});
after(() => aws?.stop());

test("what is left of before and cannot be taken away is told with the result, and goes with the next deploy", async (t) => {
  const cwd = await temporaryFolder(t);
  const deploy = async (port: number) => {
    await writeConfig(cwd, { app: { ...goodConfig.app, port } });
    return await aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId], { cwd });
  };
  t.after(() => aws.reset());
  const first = await deploy(80);
  assert.equal(first.code, 0, first.stderr);
  await aws.control("faults", { rules: [{ action: "DeleteTargetGroup", fault: { kind: "refuse" } }] });
  const moved = await deploy(8080);
  await aws.control("faults", {});
  assertEnds(moved, "left-behind", { exit: 3, message: /The release serves/, cause: /DeleteTargetGroup/ });
  const { url, image, changes } = moved.json();
  assert.deepEqual([url, image], [first.json().url, aws.baseImageId]);
  assert.ok(changes);
  const groups = async () => ofStack(await aws.state(), "hello", "test")["target-group"]?.length;
  assert.equal(await groups(), 2);

  const again = await deploy(8080);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(await groups(), 1);
});

test("a warm-up that AWS does not let be set is set a little later, or a warning", async (t) => {
  t.after(() => aws.control("settings", { healthySeconds: 0.2 }));
  /** Rolls to instances that take longer than those before. */
  const roll = async (name: string, fault: object) => {
    const cwd = await temporaryFolder(t);
    const deploy = async (app: object, env = {}) => {
      await writeConfig(cwd, { name, app: { ...goodConfig.app, ...app } });
      const ran = await aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId], { cwd, env });
      assert.equal(ran.code, 0, ran.stderr);
      return ran;
    };
    await aws.control("settings", { healthySeconds: 0.2 });
    await deploy({});
    await aws.control("settings", { healthySeconds: 2 });
    await aws.control("faults", { rules: [{ action: "UpdateAutoScalingGroup", agent: "multivac", ...fault }] });
    const rolled = await deploy({ env: { A: "1" } }, fastClock(10));
    await aws.control("faults", {});
    const named = { AutoScalingGroupNames: [`${name}-test`] };
    const { AutoScalingGroups } = await boto(aws.env, "autoscaling", "describe_auto_scaling_groups", named);
    return { ...rolled, warmUp: AutoScalingGroups[0].DefaultInstanceWarmup as number };
  };
  const busy = await roll("busy", { times: 2, fault: { kind: "refuse", code: "ScalingActivityInProgress" } });
  assert.ok(busy.warmUp > 5, `${busy.warmUp}\n${busy.stderr}`);
  assert.doesNotMatch(busy.stderr, /warm-up/);
  const never = await roll("never", { fault: { kind: "refuse" } });
  assert.equal(never.warmUp, 1);
  assert.match(never.stderr, /warm-up could not be set to \d+ s\. .*UpdateAutoScalingGroup/);
});
