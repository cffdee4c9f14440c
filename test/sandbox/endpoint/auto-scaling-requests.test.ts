import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  AttachLoadBalancerTargetGroupsCommand,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeLoadBalancerTargetGroupsCommand,
  DescribeTrafficSourcesCommand,
  DetachLoadBalancerTargetGroupsCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from "@aws-sdk/client-auto-scaling";
import { eventually } from "../../eventually.ts";
import { type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";
import { groupCalls, invalid, makeTemplateAndTargets } from "./group-under-test.ts";

/** What Auto Scaling refuses, lists, and does to a running group on request. */

let aws: EndpointUnderTest;
let made: Awaited<ReturnType<typeof makeTemplateAndTargets>>;
let calls: ReturnType<typeof groupCalls>;
before(async () => {
  aws = await startEndpointUnderTest({ healthySeconds: 0.1 });
  made = await makeTemplateAndTargets(aws);
  calls = groupCalls(aws, () => made.LaunchTemplateId);
});
after(() => aws.close());

test("what Auto Scaling refuses at once is refused", async () => {
  const template = (Version: string, LaunchTemplateId = made.LaunchTemplateId) => ({
    LaunchTemplate: { LaunchTemplateId, Version },
  });
  await calls.create("taken", { MinSize: 0 });
  await assert.rejects(calls.create("taken"), {
    name: "AlreadyExistsFault",
    message: /A group with the name taken already exists$/,
  });
  await assert.rejects(
    calls.create("bad", template("1", "lt-0123456789abcdef0")),
    invalid(/You must use a valid fully-formed launch template/),
  );
  await assert.rejects(calls.create("bad", template("9")), invalid(/Could not find the specified version 9/));
  await assert.rejects(calls.create("bad", { VPCZoneIdentifier: "subnet-none" }), invalid(/subnet-none/));
  await assert.rejects(
    calls.create("bad", { TargetGroupARNs: ["arn:none"] }),
    invalid(/Provided Target Groups may not be valid/),
  );
  await assert.rejects(calls.create("bad", { DesiredCapacity: 9 }), invalid(/Desired capacity:9 must be between/));
  await assert.rejects(calls.create("b:d"), invalid(/Group name/));
  assert.equal(
    await aws.boto(
      "answer(refusal(lambda: autoscaling.create_auto_scaling_group(AutoScalingGroupName='bad', MinSize=0, MaxSize=1, AvailabilityZones=['ap-southeast-2a']))[0])",
    ),
    "ValidationError",
  );
  await calls.remove("taken", false);
});

test("tags are set, filtered by and taken away", async () => {
  await calls.create("tagged", { MinSize: 0 });
  const tag = {
    ResourceId: "tagged",
    ResourceType: "auto-scaling-group",
    Key: "owner",
    Value: "me",
    PropagateAtLaunch: true,
  };
  await aws.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [tag] }));
  const find = async (Name: string, value: string) => {
    const { AutoScalingGroups = [] } = await aws.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ Filters: [{ Name, Values: [value] }] }),
    );
    return AutoScalingGroups.map(({ AutoScalingGroupName }) => AutoScalingGroupName);
  };
  assert.deepEqual(await find("tag:owner", "me"), ["tagged"]);
  assert.deepEqual(await find("tag:owner", "you"), []);
  assert.deepEqual(await find("tag-key", "owner"), ["tagged"]);
  assert.deepEqual(
    await aws.boto(
      "answer(autoscaling.describe_tags(Filters=[dict(Name='auto-scaling-group', Values=['tagged'])])['Tags'])",
    ),
    [tag],
  );
  await aws.autoScaling.send(new DeleteTagsCommand({ Tags: [tag] }));
  assert.deepEqual(await find("tag-key", "owner"), []);
  await calls.remove("tagged", false);
});

test("lists come in pages", async () => {
  for (let number = 0; number < 5; number += 1) await calls.create(`page-${number}`, { MinSize: 0 });
  const names = await aws.boto(`
pages = autoscaling.get_paginator('describe_auto_scaling_groups').paginate(PaginationConfig={'PageSize': 2})
answer([g['AutoScalingGroupName'] for p in pages for g in p['AutoScalingGroups'] if g['AutoScalingGroupName'].startswith('page-')])`);
  assert.deepEqual(names, ["page-0", "page-1", "page-2", "page-3", "page-4"]);
  for (let number = 0; number < 5; number += 1) await calls.remove(`page-${number}`, false);
});

test("target groups are attached to a running group and detached", async () => {
  await calls.create("attached");
  const [instance] = await calls.settled("attached", 1);
  const input = { AutoScalingGroupName: "attached", TargetGroupARNs: [made.TargetGroupArn] };
  await aws.autoScaling.send(new AttachLoadBalancerTargetGroupsCommand(input));
  await eventually(async () => {
    const { LoadBalancerTargetGroups } = await aws.autoScaling.send(
      new DescribeLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: "attached" }),
    );
    return LoadBalancerTargetGroups?.[0]?.State === "InService";
  });
  const { TrafficSources } = await aws.autoScaling.send(
    new DescribeTrafficSourcesCommand({ AutoScalingGroupName: "attached" }),
  );
  assert.deepEqual([TrafficSources?.[0]?.Identifier, TrafficSources?.[0]?.Type], [made.TargetGroupArn, "elbv2"]);
  await aws.autoScaling.send(new DetachLoadBalancerTargetGroupsCommand(input));
  await eventually(async () => !(await calls.targetStates(made.TargetGroupArn)).has(instance?.InstanceId));
  await calls.remove("attached");
});

test("an instance in standby serves nothing and counts for nothing", async () => {
  await calls.create("standing", { DesiredCapacity: 2, TargetGroupARNs: [made.TargetGroupArn] });
  const [first] = await calls.settled("standing", 2);
  const input = { AutoScalingGroupName: "standing", InstanceIds: [first?.InstanceId ?? ""] };
  await aws.autoScaling.send(new EnterStandbyCommand({ ...input, ShouldDecrementDesiredCapacity: true }));
  await eventually(async () => {
    const group = await calls.describe("standing");
    return group?.DesiredCapacity === 1 && group.Instances?.some((one) => one.LifecycleState === "Standby");
  });
  await eventually(async () => !(await calls.targetStates(made.TargetGroupArn)).has(first?.InstanceId));
  await aws.autoScaling.send(new ExitStandbyCommand(input));
  await calls.settled("standing", 2);
  assert.equal((await calls.describe("standing"))?.DesiredCapacity, 2);
  await calls.remove("standing");
});

test("suspended processes do nothing until they are resumed", async () => {
  await calls.create("suspended");
  await calls.settled("suspended", 1);
  const processes = { AutoScalingGroupName: "suspended", ScalingProcesses: ["Launch"] };
  await aws.autoScaling.send(new SuspendProcessesCommand(processes));
  await calls.update("suspended", { DesiredCapacity: 2 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const group = await calls.describe("suspended");
  assert.equal(group?.Instances?.length, 1);
  assert.equal(group?.SuspendedProcesses?.[0]?.ProcessName, "Launch");
  await aws.autoScaling.send(new ResumeProcessesCommand(processes));
  await calls.settled("suspended", 2);
  await calls.remove("suspended");
});
