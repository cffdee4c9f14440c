import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import {
  CancelInstanceRefreshCommand,
  DeleteAutoScalingGroupCommand,
  DescribeInstanceRefreshesCommand,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
  type StartInstanceRefreshCommandInput,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { eventually } from "../../eventually.ts";
import { type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";
import { groupCalls, makeTemplateAndTargets } from "./group-under-test.ts";

let aws: EndpointUnderTest;
let made: Awaited<ReturnType<typeof makeTemplateAndTargets>>;
let calls: ReturnType<typeof groupCalls>;
let AutoScalingGroupName: string;
let number = 0;

before(async () => {
  aws = await startEndpointUnderTest({ healthySeconds: 0.1, loadBalancerSeconds: 0 });
  made = await makeTemplateAndTargets(aws);
  calls = groupCalls(aws, () => made.LaunchTemplateId);
});
after(() => aws.close());

beforeEach(async () => {
  number += 1;
  AutoScalingGroupName = `rolled-${number}`;
  await aws.control("POST", "settings", { answer: 200, refreshSeconds: 3600 });
  await calls.create(AutoScalingGroupName, {
    DesiredCapacity: 2,
    TargetGroupARNs: [made.TargetGroupArn],
    HealthCheckType: "ELB",
    HealthCheckGracePeriod: 600,
    InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
  });
  await calls.settled(AutoScalingGroupName, 2);
  await eventually(async () => {
    const states = [...(await calls.targetStates(made.TargetGroupArn)).values()];
    return states.filter((state) => state === "healthy").length === 2;
  });
});
afterEach(async () => {
  await aws.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true }));
  await eventually(async () => (await calls.describe(AutoScalingGroupName)) === undefined);
});

const to = (Version: string) => ({
  DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: made.LaunchTemplateId, Version } },
});
const preferences = { MinHealthyPercentage: 100, MaxHealthyPercentage: 150, InstanceWarmup: 0, SkipMatching: true };
const start = (more: Partial<StartInstanceRefreshCommandInput> = to("2")) =>
  aws.autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName, Preferences: preferences, ...more }));
const roll = () => aws.autoScaling.send(new RollbackInstanceRefreshCommand({ AutoScalingGroupName }));
const cancel = () => aws.autoScaling.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName }));
async function latest() {
  const { InstanceRefreshes = [] } = await aws.autoScaling.send(
    new DescribeInstanceRefreshesCommand({ AutoScalingGroupName }),
  );
  return InstanceRefreshes[0];
}
const ends = (status: string) =>
  eventually(async () => {
    const refresh = await latest();
    return refresh?.Status === status && refresh;
  });
const versions = async () =>
  (await calls.describe(AutoScalingGroupName))?.Instances?.map(({ LaunchTemplate }) => LaunchTemplate?.Version);

test("every instance is replaced, healthy ones first, and the group takes the new version at the end", async () => {
  await start();
  const healthy: number[] = [];
  const refresh = await eventually(async () => {
    const states = [...(await calls.targetStates(made.TargetGroupArn)).values()];
    healthy.push(states.filter((state) => state === "healthy").length);
    // In this order: the group takes the version at the moment that the refresh is done.
    const group = await calls.describe(AutoScalingGroupName);
    const seen = await latest();
    if (seen?.Status !== "Successful") assert.equal(group?.LaunchTemplate?.Version, "1");
    return seen?.Status === "Successful" && seen;
  });
  assert.ok(Math.min(...healthy) >= 2, `healthy targets: ${healthy}`);
  assert.equal(refresh?.PercentageComplete, 100);
  assert.equal(refresh?.InstancesToUpdate, 0);
  await calls.settled(AutoScalingGroupName, 2);
  assert.deepEqual(await versions(), ["2", "2"]);
  assert.equal((await calls.describe(AutoScalingGroupName))?.LaunchTemplate?.Version, "2");
  const causes = (await calls.activities(AutoScalingGroupName)).map(({ Cause }) => Cause).join("\n");
  assert.match(causes, /an instance was taken out of service in response to an instance refresh\./);
});

test("matching instances are skipped; without that wish all are replaced", async () => {
  await start(to("1"));
  assert.equal((await ends("Successful")).PercentageComplete, 100);
  const before = (await calls.settled(AutoScalingGroupName, 2)).map(({ InstanceId }) => InstanceId);
  await start({ Preferences: { ...preferences, SkipMatching: false } });
  await ends("Successful");
  const after = (await calls.settled(AutoScalingGroupName, 2)).map(({ InstanceId }) => InstanceId);
  assert.ok(!after.some((id) => before.includes(id)));
});

test("there is one at a time, and it owns the launch template", async () => {
  await aws.control("POST", "settings", { answer: 500 });
  await start();
  await assert.rejects(start(), { name: "InstanceRefreshInProgressFault" });
  await assert.rejects(
    aws.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...to("2").DesiredConfiguration })),
    { name: "ValidationError", message: /An active instance refresh with a desired configuration exists/ },
  );
  await cancel();
  await ends("Cancelled");
  await assert.rejects(cancel(), { name: "ActiveInstanceRefreshNotFoundFault" });
});

test("a bad version waits with its reason while the old one serves, and rolls back on demand", async () => {
  const old = (await calls.settled(AutoScalingGroupName, 2)).map(({ InstanceId }) => InstanceId);
  await aws.control("POST", "settings", { answer: 500 });
  await start();
  const bad = await eventually(async () => {
    const states = await calls.targetStates(made.TargetGroupArn);
    return [...states].find(([id, state]) => !old.includes(id) && state === "unhealthy");
  });
  const waiting = await latest();
  assert.equal(waiting?.Status, "InProgress");
  assert.match(waiting?.StatusReason ?? "", /^Waiting for remaining instances to be available\. For example: i-/);
  for (const id of old) assert.equal((await calls.targetStates(made.TargetGroupArn)).get(id), "healthy");
  await roll();
  const refresh = await ends("RollbackSuccessful");
  assert.equal(refresh.RollbackDetails?.RollbackReason, "Rolled back due to user request.");
  await eventually(
    async () => !(await calls.describe(AutoScalingGroupName))?.Instances?.some((i) => i.InstanceId === bad[0]),
  );
  assert.deepEqual(
    (await calls.settled(AutoScalingGroupName, 2)).map(({ InstanceId }) => InstanceId).sort(),
    old.sort(),
  );
  assert.equal((await calls.describe(AutoScalingGroupName))?.LaunchTemplate?.Version, "1");
  await assert.rejects(roll(), { name: "ActiveInstanceRefreshNotFoundFault" });
});

test("after its time it fails", async () => {
  await aws.control("POST", "settings", { answer: "timeout", refreshSeconds: 1 });
  await start();
  assert.match((await ends("Failed")).StatusReason ?? "", /no instance has become ready/);
});

test("after its time it rolls back by itself when asked to", async () => {
  await aws.control("POST", "settings", { answer: "timeout", refreshSeconds: 1 });
  await start({ ...to("2"), Preferences: { ...preferences, AutoRollback: true } });
  await ends("RollbackSuccessful");
});

test("without a desired configuration there is nothing to roll back to", async () => {
  await aws.control("POST", "settings", { answer: 500 });
  await start({ Preferences: { ...preferences, SkipMatching: false } });
  await assert.rejects(roll(), { name: "IrreversibleInstanceRefreshFault" });
  await cancel();
  await ends("Cancelled");
});

test("with a lower minimum instances leave before their replacements come", async () => {
  const lower = { ...preferences, MinHealthyPercentage: 50, MaxHealthyPercentage: 100 };
  await start({ ...to("2"), Preferences: lower });
  const counts: number[] = [];
  await eventually(async () => {
    const group = await calls.describe(AutoScalingGroupName);
    counts.push(calls.inService(group).length);
    assert.ok((group?.Instances?.filter((one) => one.LifecycleState !== "Terminating").length ?? 0) <= 2);
    return (await latest())?.Status === "Successful";
  });
  assert.ok(Math.min(...counts) >= 1, `in service: ${counts}`);
  await calls.settled(AutoScalingGroupName, 2);
  assert.deepEqual(await versions(), ["2", "2"]);
});

test("boto3 reads the same", async () => {
  await start(to("1"));
  await ends("Successful");
  const refresh = (await aws.boto(
    `answer(autoscaling.describe_instance_refreshes(AutoScalingGroupName='${AutoScalingGroupName}')['InstanceRefreshes'][0])`,
  )) as Record<string, unknown>;
  assert.equal(refresh.Status, "Successful");
  assert.deepEqual(refresh.DesiredConfiguration, {
    LaunchTemplate: { LaunchTemplateId: made.LaunchTemplateId, LaunchTemplateName: "web", Version: "1" },
  });
});
