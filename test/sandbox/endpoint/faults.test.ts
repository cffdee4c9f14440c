import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { CreateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateLoadBalancerCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { eventually } from "../../eventually.ts";
import { baseImageId, type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";
import { faultCalls, refusal } from "./fault-calls.ts";

/** What each kind of fault does to a call. */

let aws: EndpointUnderTest;
let faults: ReturnType<typeof faultCalls>;
before(async () => {
  aws = await startEndpointUnderTest();
  faults = faultCalls(aws);
});
after(() => aws.close());
afterEach(() => aws.control("DELETE", "faults"));

test("without faults nothing is on", async () => {
  const { rules: none, random, held } = await faults.shown();
  assert.deepEqual([none, random, held], [[], undefined, []]);
});

test("a throttled call is refused in each service's words, or with a plain page, and takes no effect", async () => {
  await faults.rules({ agent: "multivac", fault: { kind: "throttle" } });
  const ec2 = await refusal(faults.createGroup("throttled"));
  assert.deepEqual([ec2.name, ec2.status], ["RequestLimitExceeded", 503]);
  for (const call of [faults.describeLoadBalancers, faults.describeScaling]) {
    const { name, status, message } = await refusal(call());
    assert.deepEqual([name, status, message], ["Throttling", 400, "Rate exceeded"]);
  }
  assert.equal(await faults.isThere("throttled"), false);
  for (const status of [429, 503]) {
    await faults.rules({ fault: { kind: "throttle", status } });
    assert.equal((await refusal(faults.describeGroups())).status, status);
    assert.equal((await refusal(faults.describeLoadBalancers())).status, status);
  }
});

test("a server error comes before the effect or after it", async () => {
  await faults.rules({ agent: "multivac", action: "CreateSecurityGroup", fault: { kind: "error" } });
  const before = await refusal(faults.createGroup("error-before"));
  assert.deepEqual([before.name, before.status], ["InternalError", 500]);
  assert.equal(await faults.isThere("error-before"), false);
  await faults.rules({ agent: "multivac", action: "CreateSecurityGroup", when: "after", fault: { kind: "error" } });
  assert.equal((await refusal(faults.createGroup("error-after"))).name, "InternalError");
  assert.equal(await faults.isThere("error-after"), true);
  await faults.rules({ fault: { kind: "error" } });
  assert.equal((await refusal(faults.describeScaling())).name, "InternalFailure");
  await faults.rules({ fault: { kind: "error", status: 502 } });
  assert.equal((await refusal(faults.describeScaling())).status, 502);
});

test("a connection is reset before the effect or after it", async () => {
  await faults.rules({ agent: "multivac", action: "CreateSecurityGroup", fault: { kind: "reset" } });
  assert.equal((await refusal(faults.createGroup("reset-before"))).name, "ECONNRESET");
  assert.equal(await faults.isThere("reset-before"), false);
  await faults.rules({ agent: "multivac", action: "CreateSecurityGroup", when: "after", fault: { kind: "reset" } });
  assert.equal((await refusal(faults.createGroup("reset-after"))).name, "ECONNRESET");
  assert.equal(await faults.isThere("reset-after"), true);
});

test("the SDK's own retry of a lost answer with a client token makes no second thing", async () => {
  const retrying = new EC2Client({
    endpoint: aws.url,
    region: "ap-southeast-2",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  const run = new RunInstancesCommand({
    ImageId: baseImageId,
    InstanceType: "t3.micro",
    SubnetId: aws.network.subnetIds[0],
    MinCount: 1,
    MaxCount: 1,
  });
  const template = new CreateLaunchTemplateCommand({
    LaunchTemplateName: "lost",
    LaunchTemplateData: { ImageId: baseImageId },
  });
  await faults.rules({ times: 1, when: "after", fault: { kind: "reset" } });
  const { Instances = [] } = await retrying.send(run);
  await faults.rules({ times: 1, when: "after", fault: { kind: "error" } });
  const { LaunchTemplate } = await retrying.send(template);
  retrying.destroy();
  const { Reservations = [] } = await aws.ec2.send(new DescribeInstancesCommand({}));
  assert.deepEqual(
    Reservations.flatMap((one) => one.Instances?.map(({ InstanceId }) => InstanceId)),
    Instances.map(({ InstanceId }) => InstanceId),
  );
  assert.match(LaunchTemplate?.LaunchTemplateId ?? "", /^lt-/);
});

test("a delayed call is answered later, on either side of its effect", async () => {
  await faults.rules({
    agent: "multivac",
    action: "CreateSecurityGroup",
    when: "after",
    fault: { kind: "delay", seconds: 600 },
  });
  const abandoned = new AbortController();
  const slow = aws.ec2
    .send(new CreateSecurityGroupCommand({ GroupName: "delay-after", Description: "x", VpcId: aws.network.vpcId }), {
      abortSignal: abandoned.signal,
    })
    .catch((error) => error.name);
  await eventually(() => faults.isThere("delay-after"));
  abandoned.abort();
  assert.equal(await slow, "AbortError");
  await faults.rules({ fault: { kind: "delay", seconds: 0.3 } });
  const started = Date.now();
  await faults.describeGroups();
  assert.ok(Date.now() - started >= 300);
});

test("a refusal says who may not do what on what, as each service does", async () => {
  await faults.rules({ fault: { kind: "refuse" } });
  const ec2 = await refusal(faults.createGroup("refused"));
  assert.deepEqual([ec2.name, ec2.status], ["UnauthorizedOperation", 403]);
  assert.match(
    ec2.message,
    /^You are not authorized to perform this operation\. User: arn:aws:iam::123456789012:user\/\w+ is not authorized to perform: ec2:CreateSecurityGroup on resource: arn:aws:ec2:ap-southeast-2:123456789012:security-group\/\* because no identity-based policy allows the ec2:CreateSecurityGroup action\. Encoded authorization failure message: [\w-]{300,}$/,
  );
  const balancing = await refusal(
    aws.loadBalancing.send(new CreateLoadBalancerCommand({ Name: "refused", Subnets: aws.network.subnetIds })),
  );
  assert.deepEqual([balancing.name, balancing.status], ["AccessDenied", 403]);
  assert.match(
    balancing.message,
    /is not authorized to perform: elasticloadbalancing:CreateLoadBalancer on resource: arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer\/app\/refused\/\* because/,
  );
  const scaling = await refusal(
    aws.autoScaling.send(
      new CreateAutoScalingGroupCommand({ AutoScalingGroupName: "refused", MinSize: 1, MaxSize: 1 }),
    ),
  );
  assert.deepEqual([scaling.name, scaling.status], ["AccessDenied", 403]);
  assert.match(scaling.message, /on resource: \S+:autoScalingGroup:\*:autoScalingGroupName\/refused because/);
  assert.match(
    (await refusal(faults.describeScaling())).message,
    /perform: autoscaling:DescribeAutoScalingGroups because/,
  );
  assert.equal((await aws.sts.send(new GetCallerIdentityCommand({}))).Account, "123456789012");
});

test("credentials expire in each service's words", async () => {
  await faults.rules({ fault: { kind: "expired" } });
  assert.equal((await refusal(faults.describeGroups())).name, "RequestExpired");
  const query = [
    faults.describeLoadBalancers(),
    faults.describeScaling(),
    aws.sts.send(new GetCallerIdentityCommand({})),
  ];
  for (const call of query) assert.equal((await refusal(call)).name, "ExpiredToken");
});
