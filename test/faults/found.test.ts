import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { ofStack } from "../sandboxes.ts";
import { openScene, scenarioOf } from "./scenarios.ts";
import { runUnder } from "./walk.ts";

/** What the walk and the seeds found once, each by itself. */

let scene: Awaited<ReturnType<typeof openScene>>;
before(async () => {
  scene = await openScene("faults-found");
});
after(() => scene?.close());

for (const scenario of ["first deploy", "changed port"]) {
  test(`${scenario}: nothing of what is made is known for seconds, and it gets done`, async () => {
    const rules = [{ action: "Create*", agent: "multivac", fault: { kind: "lag", seconds: 2 } }];
    assert.deepEqual(await runUnder(scene, scenario, rules), []);
  });
}

test("a lock that EC2 does not know for the whole of a run is freed all the same", async () => {
  const { aws, cwd } = scene;
  const scenario = scenarioOf("first deploy");
  await scenario.prepare(scene);
  const rule = { action: "CreateLaunchTemplate", agent: "multivac", times: 1, fault: { kind: "lag", calls: 5 } };
  await aws.control("faults", { rules: [rule] });
  const ran = await aws.run(scenario.command(scene), { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  await aws.control("faults", {});
  assert.deepEqual(
    (await aws.state())["launch-template"]?.map(({ name }) => name),
    ["hello-test"],
  );
  const destroyed = await aws.run(["destroy", "--yes", "--name", "hello", "--environment", "test"]);
  assert.equal(destroyed.code, 0, destroyed.stderr);
});

// Instances end with their group.
test("destroy: the first answer to each kind of delete is lost, and it gets done", async () => {
  const actions = [
    "DeleteListener",
    "DeleteLoadBalancer",
    "DeleteTargetGroup",
    "DeleteAutoScalingGroup",
    "DeleteLaunchTemplate",
    "DeregisterImage",
    "DeleteSnapshot",
    "DeleteSecurityGroup",
  ];
  const lost = { agent: "multivac", times: 1, when: "after", fault: { kind: "reset" } };
  const rules = actions.map((action) => ({ action, ...lost }));
  assert.deepEqual(await runUnder(scene, "destroy", rules), []);
});

test("a listener that a run before has made, unknown to this one and with other tags, gets the tags of now", async () => {
  const { aws, cwd } = scene;
  await scenarioOf("first deploy").prepare(scene);
  await aws.control("faults", { rules: [{ action: "CreateListener", agent: "multivac", fault: { kind: "hold" } }] });
  const deploying = aws.run(scenarioOf("first deploy").command(scene), { cwd });
  await aws.held();
  const { listener, ...made } = ofStack(await aws.state(), "hello", "test");
  assert.equal(listener, undefined);
  const tags = { Name: "hello-test", "multivac:name": "hello", "multivac:environment": "test", team: "red" };
  await boto(aws.env, "elbv2", "create_listener", {
    LoadBalancerArn: made["load-balancer"]?.[0],
    Protocol: "HTTP",
    Port: 80,
    DefaultActions: [{ Type: "forward", TargetGroupArn: made["target-group"]?.[0] }],
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });
  await aws.control("faults", {});
  const ran = await deploying;
  assert.equal(ran.code, 0, ran.stderr);
  const { team: _, ...kept } = tags;
  const found = (await aws.state()).listener?.map((each) => each.tags);
  assert.deepEqual(found, [{ ...kept, "multivac:resource": "listener" }]);
});
