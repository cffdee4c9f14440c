import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
  SetInstanceProtectionCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeInstancesCommand, DescribeTagsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { eventually } from "../../eventually.ts";
import { type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";
import { groupCalls, invalid, makeTemplateAndTargets } from "./group-under-test.ts";

/** How a group keeps the instances it should have. */

let aws: EndpointUnderTest;
let made: Awaited<ReturnType<typeof makeTemplateAndTargets>>;
let calls: ReturnType<typeof groupCalls>;
before(async () => {
  aws = await startEndpointUnderTest({ healthySeconds: 0.1 });
  made = await makeTemplateAndTargets(aws);
  calls = groupCalls(aws, () => made.LaunchTemplateId);
});
after(() => aws.close());

const policy = { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 };

test("a group launches from its template over both zones, tags included, and describes itself", async () => {
  await calls.create("new", {
    DesiredCapacity: 2,
    LaunchTemplate: { LaunchTemplateId: made.LaunchTemplateId, Version: "2" },
    TargetGroupARNs: [made.TargetGroupArn],
    HealthCheckType: "ELB",
    HealthCheckGracePeriod: 60,
    DefaultInstanceWarmup: 1,
    InstanceMaintenancePolicy: policy,
    Tags: [
      { Key: "role", Value: "of the group", PropagateAtLaunch: true },
      { Key: "kept", Value: "here", PropagateAtLaunch: false },
    ],
  });
  const instances = await calls.settled("new", 2);
  assert.deepEqual(instances.map(({ AvailabilityZone }) => AvailabilityZone).sort(), [
    "ap-southeast-2a",
    "ap-southeast-2b",
  ]);
  assert.equal(instances[0]?.LaunchTemplate?.Version, "2");
  const { Reservations = [] } = await aws.ec2.send(
    new DescribeInstancesCommand({ InstanceIds: [instances[0]?.InstanceId ?? ""] }),
  );
  const instance = Reservations[0]?.Instances?.[0];
  const tags = Object.fromEntries((instance?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  assert.deepEqual(tags, {
    role: "of the group",
    "aws:autoscaling:groupName": "new",
    "aws:ec2launchtemplate:id": made.LaunchTemplateId,
    "aws:ec2launchtemplate:version": "2",
  });
  const { Volumes = [] } = await aws.ec2.send(
    new DescribeVolumesCommand({ VolumeIds: [instance?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? ""] }),
  );
  assert.equal(Volumes[0]?.Tags?.[0]?.Value, "disk");
  const cards = await aws.ec2.send(
    new DescribeTagsCommand({ Filters: [{ Name: "resource-type", Values: ["network-interface"] }] }),
  );
  assert.deepEqual(new Set(cards.Tags?.map(({ Value }) => Value)), new Set(["card"]));
  const group = (await aws.boto(
    "answer(autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=['new'])['AutoScalingGroups'][0])",
  )) as Record<string, unknown>;
  assert.equal(group.HealthCheckGracePeriod, 60);
  assert.equal(group.DefaultInstanceWarmup, 1);
  assert.deepEqual(group.InstanceMaintenancePolicy, policy);
  assert.deepEqual(group.TargetGroupARNs, [made.TargetGroupArn]);
  assert.equal(group.NewInstancesProtectedFromScaleIn, false);
  assert.equal((group.Tags as unknown[]).length, 2);
});

test("its activities tell what happened in AWS's words", async () => {
  const [activity] = await calls.activities("new");
  assert.match(activity?.Description ?? "", /^Launching a new EC2 instance: i-[0-9a-f]{17}$/);
  assert.match(
    activity?.Cause ?? "",
    /^At \S+Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 2\. {2}At \S+Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 2\.$/,
  );
  assert.equal(activity?.StatusCode, "Successful");
  assert.equal(activity?.Progress, 100);
});

test("a machine that dies is replaced, the new one first", async () => {
  const [victim] = await calls.settled("new", 2);
  await eventually(async () =>
    [...(await calls.targetStates(made.TargetGroupArn)).values()].every((s) => s === "healthy"),
  );
  await aws.control("POST", `instances/${victim?.InstanceId}/end`);
  const after = await eventually(async () => {
    const group = await calls.describe("new");
    const instances = calls.inService(group);
    return instances.length === 2 && !instances.some(({ InstanceId }) => InstanceId === victim?.InstanceId) && group;
  });
  assert.equal(after?.DesiredCapacity, 2);
  await calls.settled("new", 2);
  const [terminating, launching] = (await calls.activities("new")).slice(0, 2);
  assert.match(
    launching?.Cause ?? "",
    /an instance was launched in response to an unhealthy instance needing to be replaced\.$/,
  );
  assert.match(
    terminating?.Cause ?? "",
    /in response to an EC2 health check indicating it has been terminated or stopped\.$/,
  );
  assert.ok((launching?.StartTime ?? 0) < (terminating?.StartTime ?? 0));
});

test("one that fails its load balancer's checks is replaced after the grace period", async () => {
  await calls.update("new", { HealthCheckGracePeriod: 0 });
  const [victim] = await calls.settled("new", 2);
  await aws.control("POST", `targets/${victim?.InstanceId}`, { answer: 500 });
  await eventually(async () => {
    const group = await calls.describe("new");
    return (
      !group?.Instances?.some(({ InstanceId }) => InstanceId === victim?.InstanceId) && group?.Instances?.length === 2
    );
  });
  const terminating = (await calls.activities("new")).find(({ Description }) =>
    Description?.includes(`Terminating EC2 instance: ${victim?.InstanceId}`),
  );
  assert.match(terminating?.Cause ?? "", /in response to an ELB system health check failure\.$/);
});

test("in the grace period it is left alone; SetInstanceHealth can overrule", async () => {
  await calls.update("new", { HealthCheckGracePeriod: 600 });
  const [victim] = await calls.settled("new", 2);
  const InstanceId = victim?.InstanceId ?? "";
  await aws.control("POST", `targets/${InstanceId}`, { answer: "timeout" });
  await eventually(async () => (await calls.targetStates(made.TargetGroupArn)).get(InstanceId) === "unhealthy");
  const setHealth = (ShouldRespectGracePeriod: boolean) =>
    aws.autoScaling.send(
      new SetInstanceHealthCommand({ InstanceId, HealthStatus: "Unhealthy", ShouldRespectGracePeriod }),
    );
  await setHealth(true);
  assert.equal(
    (await calls.describe("new"))?.Instances?.find((one) => one.InstanceId === InstanceId)?.HealthStatus,
    "Healthy",
  );
  await setHealth(false);
  await eventually(async () => !(await calls.describe("new"))?.Instances?.some((one) => one.InstanceId === InstanceId));
});

test("a group with instances is deleted by force, in progress until they are gone", async () => {
  await assert.rejects(calls.remove("new", false), { name: "ResourceInUseFault" });
  await calls.remove("new");
  const group = await calls.describe("new");
  if (group) {
    assert.equal(group.Status, "Delete in progress");
    await assert.rejects(
      calls.update("new", { MinSize: 0 }),
      invalid(/may not be modified while it is pending delete|not found/),
    );
  }
  await eventually(async () => (await calls.describe("new")) === undefined);
  await assert.rejects(
    calls.remove("new"),
    invalid(/AutoScalingGroup name not found - AutoScalingGroup 'new' not found/),
  );
  await assert.rejects(calls.activities("new"), invalid(/not found/));
  const [last] = await calls.activities("new", true);
  assert.equal(last?.AutoScalingGroupState, "Deleted");
  assert.deepEqual([...(await calls.targetStates(made.TargetGroupArn))], []);
});

test("capacity follows what is asked, within the group's bounds", async () => {
  await calls.create("sized");
  await calls.settled("sized", 1);
  const setDesired = (DesiredCapacity: number) =>
    aws.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: "sized", DesiredCapacity }));
  await setDesired(3);
  await calls.settled("sized", 3);
  assert.match(
    (await calls.activities("sized"))[0]?.Cause ?? "",
    /a user request explicitly set group desired capacity changing the desired capacity from 1 to 3\./,
  );
  await assert.rejects(
    setDesired(5),
    invalid(/^New SetDesiredCapacity value 5 is above max value 4 for the AutoScalingGroup\.$/),
  );
  await assert.rejects(calls.update("sized", { MaxSize: 0 }), invalid(/must be greater than or equal to min bound/));
  await calls.update("sized", { MinSize: 0, MaxSize: 2 });
  await calls.settled("sized", 2);
  assert.equal((await calls.describe("sized"))?.DesiredCapacity, 2);
});

test("protected instances stay when the group shrinks", async () => {
  const instances = await calls.settled("sized", 2);
  const kept = instances.map(({ InstanceId = "" }) => InstanceId).slice(0, 1);
  await aws.autoScaling.send(
    new SetInstanceProtectionCommand({ AutoScalingGroupName: "sized", InstanceIds: kept, ProtectedFromScaleIn: true }),
  );
  await calls.update("sized", { DesiredCapacity: 0 });
  const [left] = await calls.settled("sized", 1);
  assert.equal(left?.InstanceId, kept[0]);
  await aws.autoScaling.send(
    new SetInstanceProtectionCommand({ AutoScalingGroupName: "sized", InstanceIds: kept, ProtectedFromScaleIn: false }),
  );
  await calls.settled("sized", 0);
  await calls.remove("sized", false);
});

test("an instance is terminated by name, with or without a replacement", async () => {
  await calls.create("single", { DesiredCapacity: 2 });
  const [first, second] = await calls.settled("single", 2);
  const terminate = (InstanceId: string | undefined, ShouldDecrementDesiredCapacity: boolean) =>
    aws.autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }),
    );
  const { Activity } = await terminate(first?.InstanceId, true);
  assert.match(
    Activity?.Cause ?? "",
    /was taken out of service in response to a user request, shrinking the capacity from 2 to 1\.$/,
  );
  await calls.settled("single", 1);
  await assert.rejects(terminate(second?.InstanceId, true), invalid(/desiredSize equals minSize \(1\)/));
  await terminate(second?.InstanceId, false);
  const [third] = await eventually(async () => {
    const instances = calls.inService(await calls.describe("single"));
    return instances.length === 1 && instances[0]?.InstanceId !== second?.InstanceId && instances;
  });
  assert.ok(third);
  await assert.rejects(terminate("i-0123456789abcdef0", true), invalid(/No managed instance found for instance ID/));
  await calls.remove("single");
});

test("a launch that fails is an activity that says why, and is tried again", async () => {
  await aws.boto(`
ec2.create_launch_template(LaunchTemplateName='broken', LaunchTemplateData=dict(ImageId='${"ami-0a1b2c3d4e5f60718"}', InstanceType='t3.micro', SecurityGroupIds=['sg-0123456789abcdef0']))
answer(1)`);
  await calls.create("broken", { LaunchTemplate: { LaunchTemplateName: "broken", Version: "$Latest" } });
  const activity = await eventually(async () =>
    (await calls.activities("broken")).find((one) => one.StatusCode === "Failed"),
  );
  assert.match(
    activity?.Description ?? "",
    /^Launching a new EC2 instance\. {2}Status Reason: .*sg-0123456789abcdef0.* Launching EC2 instance failed\.$/,
  );
  assert.match(activity?.StatusMessage ?? "", /Launching EC2 instance failed\.$/);
  await eventually(async () => (await calls.activities("broken")).length >= 2);
  await calls.remove("broken");
});
