import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import {
  DescribeInstanceRefreshesCommand,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateImageCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { eventually } from "../../eventually.ts";
import { baseImageId, type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";
import { groupCalls, makeTemplateAndTargets } from "./group-under-test.ts";

let aws: EndpointUnderTest;
let LaunchTemplateId: string;
before(async () => {
  aws = await startEndpointUnderTest();
  ({ LaunchTemplateId } = await makeTemplateAndTargets(aws));
});
after(() => aws.close());
afterEach(() => aws.control("DELETE", "faults"));

const on = (action: string, fault: object, more: object = {}) =>
  aws.control("POST", "faults", { rules: [{ action, ...more, fault }] });
const calls = () => groupCalls(aws, () => LaunchTemplateId);

async function refusal(call: Promise<unknown>): Promise<{ name: string; status: number | undefined; message: string }> {
  const error = await call.then(
    () => assert.fail("it was answered"),
    (failure) => failure,
  );
  return { name: error.name, status: error.$metadata?.httpStatusCode, message: error.message };
}

async function run(): Promise<string> {
  const [SubnetId] = aws.network.subnetIds;
  const launch = { ImageId: baseImageId, InstanceType: "t3.micro" as const, SubnetId, MinCount: 1, MaxCount: 1 };
  const { Instances } = await aws.ec2.send(new RunInstancesCommand(launch));
  return Instances?.[0]?.InstanceId ?? "";
}

async function instance(id: string, ...states: string[]) {
  const Filters = states.length > 0 ? [{ Name: "instance-state-name", Values: states }] : [];
  const { Reservations = [] } = await aws.ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: "instance-id", Values: [id] }, ...Filters] }),
  );
  return Reservations[0]?.Instances?.[0];
}

test("quotas are refused with the code of each action", async () => {
  await on("*", { kind: "quota" });
  const { vpcId: VpcId } = aws.network;
  const group = await refusal(
    aws.ec2.send(new CreateSecurityGroupCommand({ GroupName: "quota", Description: "x", VpcId })),
  );
  assert.deepEqual([group.name, group.status], ["SecurityGroupLimitExceeded", 400]);
  const vpc = await refusal(aws.ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })));
  assert.deepEqual(vpc, {
    name: "VpcLimitExceeded",
    status: 400,
    message: "The maximum number of VPCs has been reached.",
  });
  assert.equal((await refusal(run())).name, "VcpuLimitExceeded");
  const balancer = new CreateLoadBalancerCommand({ Name: "quota", Subnets: aws.network.subnetIds });
  assert.equal((await refusal(aws.loadBalancing.send(balancer))).name, "TooManyLoadBalancersException");
  const targets = new CreateTargetGroupCommand({ Name: "quota", Protocol: "HTTP", Port: 80, VpcId });
  assert.equal((await refusal(aws.loadBalancing.send(targets))).name, "TooManyTargetGroupsException");
  assert.equal((await refusal(calls().create("quota"))).name, "LimitExceededFault");
  await on("CreateTags", { kind: "quota", code: "TagLimitExceeded" });
  const tags = new CreateTagsCommand({ Resources: [VpcId], Tags: [{ Key: "a", Value: "b" }] });
  assert.equal((await refusal(aws.ec2.send(tags))).name, "TagLimitExceeded");
});

test("without capacity RunInstances is refused, and a group's launch fails as an activity until there is some", async () => {
  await on("RunInstances", { kind: "capacity" });
  const { name, status, message } = await refusal(run());
  assert.deepEqual([name, status], ["InsufficientInstanceCapacity", 500]);
  assert.match(message, /sufficient t3\.micro capacity in the Availability Zone you requested \(ap-southeast-2a\)/);

  await on("RunInstances", { kind: "capacity" }, { agent: "autoscaling", times: 1 });
  await run();
  await calls().create("capacity");
  const failed = await eventually(async () =>
    (await calls().activities("capacity")).find(({ StatusCode }) => StatusCode === "Failed"),
  );
  assert.match(
    failed.StatusMessage ?? "",
    /^We currently do not have sufficient t3\.micro capacity .*\. Launching EC2 instance failed\.$/,
  );
  await calls().settled("capacity", 1);
});

test("a load balancer is provisioning for as long as told, or fails", async () => {
  const create = async (Name: string) => {
    await aws.loadBalancing.send(new CreateLoadBalancerCommand({ Name, Subnets: aws.network.subnetIds }));
  };
  const state = async (name: string) => {
    const { LoadBalancers } = await aws.loadBalancing.send(new DescribeLoadBalancersCommand({ Names: [name] }));
    return LoadBalancers?.[0]?.State;
  };
  await on("CreateLoadBalancer", { kind: "slow", seconds: 3600 }, { times: 1 });
  await create("slow");
  await create("usual");
  await eventually(async () => (await state("usual"))?.Code === "active");
  assert.equal((await state("slow"))?.Code, "provisioning");

  await on("CreateLoadBalancer", { kind: "fail", seconds: 0.1, reason: "No addresses are left." });
  await create("fails");
  const failed = await eventually(async () => (await state("fails"))?.Code === "failed" && (await state("fails")));
  assert.equal(failed.Reason, "No addresses are left.");
});

test("an image is pending for as long as told, or fails; nothing launches from it", async () => {
  const InstanceId = await run();
  const image = async (ImageId: string) =>
    (await aws.ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }))).Images?.[0];
  await on("CreateImage", { kind: "slow", seconds: 3600 });
  const { ImageId: slow = "" } = await aws.ec2.send(new CreateImageCommand({ InstanceId, Name: "slow" }));
  assert.equal((await image(slow))?.State, "pending");
  const pending = { Owners: ["self"], Filters: [{ Name: "state", Values: ["pending"] }] };
  assert.equal((await aws.ec2.send(new DescribeImagesCommand(pending))).Images?.length, 1);
  const launch = { ImageId: slow, InstanceType: "t3.micro" as const, MinCount: 1, MaxCount: 1 };
  assert.equal((await refusal(aws.ec2.send(new RunInstancesCommand(launch)))).name, "InvalidAMIID.Unavailable");
  await on("CreateImage", { kind: "slow", seconds: 0.2 });
  const { ImageId: soon = "" } = await aws.ec2.send(new CreateImageCommand({ InstanceId, Name: "soon" }));
  await eventually(async () => (await image(soon))?.State === "available");

  await on("CreateImage", { kind: "fail" });
  const { ImageId: fails = "" } = await aws.ec2.send(new CreateImageCommand({ InstanceId, Name: "fails" }));
  const failed = await eventually(async () => {
    const found = await image(fails);
    return found?.State === "failed" && found;
  });
  assert.match(failed.StateReason?.Message ?? "", /internal error/);
});

test("an instance is pending for as long as told, also to a filter by state, or ends at its launch", async () => {
  await on("RunInstances", { kind: "slow", seconds: 3600 });
  const slow = await run();
  assert.equal((await instance(slow))?.State?.Name, "pending");
  assert.equal((await instance(slow, "pending"))?.InstanceId, slow);
  assert.equal(await instance(slow, "running"), undefined);
  await on("RunInstances", { kind: "slow", seconds: 0.2 });
  const soon = await run();
  await eventually(() => instance(soon, "running"));
  assert.equal(await instance(soon, "pending"), undefined);

  await on("RunInstances", { kind: "fail", reason: "Client.InternalError: Client error on launch" });
  const fails = await run();
  const ended = await eventually(() => instance(fails, "terminated"));
  assert.deepEqual(ended.StateReason, {
    Code: "Client.InternalError",
    Message: "Client.InternalError: Client error on launch",
  });
});

test("a group's instance that ends at its launch is a failed activity, and another follows", async () => {
  const fault = { kind: "fail", seconds: 0.2, reason: "Client.InternalError: Client error on launch" };
  await on("RunInstances", fault, { agent: "autoscaling", times: 1 });
  await calls().create("ends");
  const failed = await eventually(async () =>
    (await calls().activities("ends")).find(({ StatusCode }) => StatusCode === "Failed"),
  );
  assert.match(
    failed.Description ?? "",
    /^Launching a new EC2 instance: i-\w+\. {2}Status Reason: Instance became unhealthy/,
  );
  assert.match(failed.StatusMessage ?? "", /Termination Reason: Client\.InternalError: Client error on launch$/);
  await calls().settled("ends", 1);
});

test("a group's instance that stays pending is in service when it runs", async () => {
  await on("RunInstances", { kind: "slow", seconds: 3600 }, { agent: "autoscaling" });
  await calls().create("pending");
  const seen = await eventually(async () => (await calls().describe("pending"))?.Instances?.[0]);
  assert.equal(seen.LifecycleState, "Pending");
  await on("RunInstances", { kind: "slow", seconds: 0.2 }, { agent: "autoscaling" });
  await calls().create("soon");
  await calls().settled("soon", 1);
});

test("an instance refresh stalls or fails, and so does its rollback", async () => {
  const AutoScalingGroupName = "refreshes";
  await calls().create(AutoScalingGroupName);
  await calls().settled(AutoScalingGroupName, 1);
  const start = () =>
    aws.autoScaling.send(
      new StartInstanceRefreshCommand({
        AutoScalingGroupName,
        DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId, Version: "2" } },
        Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200, InstanceWarmup: 0 },
      }),
    );
  const latest = async () => {
    const shown = await aws.autoScaling.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName }));
    return shown.InstanceRefreshes?.[0];
  };
  await on("StartInstanceRefresh", { kind: "slow", seconds: 3600 });
  await start();
  await eventually(async () => (await latest())?.Status === "InProgress");
  assert.equal((await calls().describe(AutoScalingGroupName))?.Instances?.length, 1);
  await on("RollbackInstanceRefresh", { kind: "fail", reason: "It cannot go back." });
  await aws.autoScaling.send(new RollbackInstanceRefreshCommand({ AutoScalingGroupName }));
  const rolled = await eventually(async () => {
    const refresh = await latest();
    return refresh?.Status === "RollbackFailed" && refresh;
  });
  assert.equal(rolled.StatusReason, "It cannot go back.");

  await on("StartInstanceRefresh", { kind: "fail", reason: "Nothing came up." });
  await start();
  const failed = await eventually(async () => {
    const refresh = await latest();
    return refresh?.Status === "Failed" && refresh;
  });
  assert.equal(failed.StatusReason, "Nothing came up.");
  assert.equal((await calls().describe(AutoScalingGroupName))?.LaunchTemplate?.Version, "1");

  await aws.control("DELETE", "faults");
  await start();
  await eventually(async () => (await latest())?.Status === "Successful");
});
