import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { CreateAutoScalingGroupCommand, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateLoadBalancerCommand, DescribeLoadBalancersCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { baseImageId, type EndpointUnderTest, eventually, startEndpointUnderTest } from "./endpoint-under-test.ts";

let aws: EndpointUnderTest;
before(async () => {
  aws = await startEndpointUnderTest();
});
after(() => aws.close());
afterEach(() => aws.control("DELETE", "faults"));

interface Shown {
  error?: string;
  rules: { matched: number; fired: number }[];
  random?: { matched: number; fired: number };
  held: { service: string; action: string; when: string }[];
}

const put = async (body: object) => (await aws.control("POST", "faults", body)) as Shown;
const rules = (...given: object[]) => put({ rules: given });
const shown = async () => (await aws.control("GET", "faults")) as Shown;
const createGroup = (GroupName: string) =>
  aws.ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: "x", VpcId: aws.network.vpcId }));
const describeGroups = () => aws.ec2.send(new DescribeSecurityGroupsCommand({}));
const describeLoadBalancers = () => aws.loadBalancing.send(new DescribeLoadBalancersCommand({}));
const describeScaling = () => aws.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));

/** Lists the security groups by a plain request of any tool. */
function listAs(agent: string): Promise<Response> {
  const scope = "Credential=a/20250101/ap-southeast-2/ec2/aws4_request";
  return fetch(aws.url, {
    method: "POST",
    headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=x`, "user-agent": agent },
    body: new URLSearchParams({ Action: "DescribeSecurityGroups", Version: "2016-11-15" }),
  });
}

/** Whether the group is there, seen by a tool that the faults here are not for. */
async function isThere(name: string): Promise<boolean> {
  const answer = await listAs("curl/8.0.0");
  assert.equal(answer.status, 200);
  return (await answer.text()).includes(`<groupName>${name}</groupName>`);
}

/** Name, HTTP status and message of what a call fails with. */
async function refusal(call: Promise<unknown>): Promise<{ name: string; status: number | undefined; message: string }> {
  const error = (await call.then(
    () => assert.fail("it was answered"),
    (failure) => failure,
  )) as Error & { $metadata?: { httpStatusCode?: number }; code?: string };
  return { name: error.code ?? error.name, status: error.$metadata?.httpStatusCode, message: error.message };
}

test("without faults nothing is on", async () => {
  const { rules: none, random, held } = await shown();
  assert.deepEqual([none, random, held], [[], undefined, []]);
});

test("a throttled call is refused in each service's words, or with a plain page, and takes no effect", async () => {
  await rules({ agent: "multivac", fault: { kind: "throttle" } });
  const ec2 = await refusal(createGroup("throttled"));
  assert.deepEqual([ec2.name, ec2.status], ["RequestLimitExceeded", 503]);
  for (const call of [describeLoadBalancers, describeScaling]) {
    const { name, status, message } = await refusal(call());
    assert.deepEqual([name, status, message], ["Throttling", 400, "Rate exceeded"]);
  }
  assert.equal(await isThere("throttled"), false);
  for (const status of [429, 503]) {
    await rules({ fault: { kind: "throttle", status } });
    assert.equal((await refusal(describeGroups())).status, status);
    assert.equal((await refusal(describeLoadBalancers())).status, status);
  }
});

test("a server error comes before the effect or after it", async () => {
  await rules({ agent: "multivac", action: "CreateSecurityGroup", fault: { kind: "error" } });
  const before = await refusal(createGroup("error-before"));
  assert.deepEqual([before.name, before.status], ["InternalError", 500]);
  assert.equal(await isThere("error-before"), false);
  await rules({ agent: "multivac", action: "CreateSecurityGroup", when: "after", fault: { kind: "error" } });
  assert.equal((await refusal(createGroup("error-after"))).name, "InternalError");
  assert.equal(await isThere("error-after"), true);
  await rules({ fault: { kind: "error" } });
  assert.equal((await refusal(describeScaling())).name, "InternalFailure");
  await rules({ fault: { kind: "error", status: 502 } });
  assert.equal((await refusal(describeScaling())).status, 502);
});

test("a connection is reset before the effect or after it", async () => {
  await rules({ agent: "multivac", action: "CreateSecurityGroup", fault: { kind: "reset" } });
  assert.equal((await refusal(createGroup("reset-before"))).name, "ECONNRESET");
  assert.equal(await isThere("reset-before"), false);
  await rules({ agent: "multivac", action: "CreateSecurityGroup", when: "after", fault: { kind: "reset" } });
  assert.equal((await refusal(createGroup("reset-after"))).name, "ECONNRESET");
  assert.equal(await isThere("reset-after"), true);
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
  await rules({ times: 1, when: "after", fault: { kind: "reset" } });
  const { Instances = [] } = await retrying.send(run);
  await rules({ times: 1, when: "after", fault: { kind: "error" } });
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
  await rules({
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
  await eventually(() => isThere("delay-after"));
  abandoned.abort();
  assert.equal(await slow, "AbortError");
  await rules({ fault: { kind: "delay", seconds: 0.3 } });
  const started = Date.now();
  await describeGroups();
  assert.ok(Date.now() - started >= 300);
});

test("a refusal says who may not do what on what, as each service does", async () => {
  await rules({ fault: { kind: "refuse" } });
  const ec2 = await refusal(createGroup("refused"));
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
  assert.match((await refusal(describeScaling())).message, /perform: autoscaling:DescribeAutoScalingGroups because/);
  assert.equal((await aws.sts.send(new GetCallerIdentityCommand({}))).Account, "123456789012");
});

test("credentials expire in each service's words", async () => {
  await rules({ fault: { kind: "expired" } });
  assert.equal((await refusal(describeGroups())).name, "RequestExpired");
  const query = [describeLoadBalancers(), describeScaling(), aws.sts.send(new GetCallerIdentityCommand({}))];
  for (const call of query) assert.equal((await refusal(call)).name, "ExpiredToken");
});

test("a rule meets only the calls it names: service, action, changing, agent, which of them", async () => {
  const throttle = { fault: { kind: "throttle" } };
  await rules({ service: "elasticloadbalancing", action: "Describe*", ...throttle });
  await describeGroups();
  assert.equal((await refusal(describeLoadBalancers())).name, "Throttling");

  await rules({ changing: true, ...throttle });
  await describeGroups();
  const dryRun = new CreateSecurityGroupCommand({ GroupName: "dry", Description: "x", DryRun: true });
  assert.equal((await refusal(aws.ec2.send(dryRun))).name, "DryRunOperation");
  assert.equal((await refusal(createGroup("changing"))).name, "RequestLimitExceeded");

  await rules({ agent: "packer", ...throttle });
  await describeGroups();
  // What Packer 1.6.6 sends, and what Packer's later plugins do.
  assert.equal((await listAs("aws-sdk-go/1.44.133 (go1.19.8; linux; amd64)")).status, 503);
  assert.equal((await listAs("APN/1.0 HashiCorp/1.0 Packer/1.11.0 (+https://www.packer.io/)")).status, 503);

  await rules({ action: "*SecurityGroups", skip: 1, times: 2, ...throttle });
  const outcomes = [];
  for (let call = 0; call < 5; call += 1)
    outcomes.push(
      await describeGroups().then(
        () => "answered",
        () => "throttled",
      ),
    );
  assert.deepEqual(outcomes, ["answered", "throttled", "throttled", "answered", "answered"]);
  const [{ matched, fired } = { matched: 0, fired: 0 }] = (await shown()).rules;
  assert.deepEqual([matched, fired], [5, 2]);
});

test("the first rule that has a fault for a call counts", async () => {
  await rules({ times: 1, fault: { kind: "expired" } }, { fault: { kind: "throttle" } });
  assert.equal((await refusal(describeGroups())).name, "RequestExpired");
  assert.equal((await refusal(describeGroups())).name, "RequestLimitExceeded");
});

test("what a rule may not say is refused, and what was on stays on", async () => {
  await rules({ fault: { kind: "throttle" } });
  const wrong: [object, RegExp][] = [
    [{ fault: { kind: "explode" } }, /kind/],
    [{ fault: { kind: "throttle", status: 500 } }, /status/],
    [{ fault: { kind: "throttle" }, when: "after" }, /cannot come after the effect/],
    [{ fault: { kind: "lag" } }, /give seconds, calls, or both/],
    [{ action: "DescribeVpcs", fault: { kind: "lag", calls: 1 } }, /lag never happens to DescribeVpcs/],
    [{ action: "DescribeVpcs", fault: { kind: "quota" } }, /quota never happens to DescribeVpcs/],
    [{ actions: "*", fault: { kind: "reset" } }, /actions/],
    [{ service: "s3", fault: { kind: "reset" } }, /service/],
  ];
  for (const [rule, why] of wrong) assert.match((await rules(rule)).error ?? "", why);
  assert.equal((await refusal(describeGroups())).name, "RequestLimitExceeded");
});

test("the call log tells of faults, also of a call that was never answered", async () => {
  await aws.control("DELETE", "calls");
  await rules({ times: 1, fault: { kind: "throttle" } }, { times: 1, when: "after", fault: { kind: "reset" } });
  for (let call = 0; call < 3; call += 1) await describeGroups().catch(() => {});
  const calls = (await aws.control("GET", "calls")) as { status: number; error?: string; fault?: string }[];
  assert.deepEqual(
    calls.map(({ status, error, fault }) => [status, error, fault]),
    [
      [503, "RequestLimitExceeded", "throttle"],
      [0, undefined, "reset after"],
      [200, undefined, undefined],
    ],
  );
});

test("a call is held before or after its effect until the faults are cleared", { timeout: 30_000 }, async () => {
  for (const when of ["before", "after"]) {
    const name = `held-${when}`;
    await rules({ agent: "multivac", action: "Create*", skip: 1, times: 1, when, fault: { kind: "hold" } });
    await createGroup(`${name}-first`);
    const call = refusal(createGroup(name));
    const held = await eventually(async () => {
      const { held: found } = await shown();
      return found.length > 0 && found;
    });
    assert.deepEqual(
      held.map((one) => [one.service, one.action, one.when]),
      [["ec2", "CreateSecurityGroup", when]],
    );
    assert.equal(await isThere(name), when === "after");
    await createGroup(`${name}-third`);
    await aws.control("DELETE", "faults");
    assert.equal((await call).name, "ECONNRESET");
    assert.equal(await isThere(name), when === "after");
    assert.deepEqual((await shown()).held, []);
  }
});

test("a seed gives each call of an action the same fault again, in whatever order they come", async () => {
  const met = async (seed: number, calls: (() => Promise<unknown>)[]) => {
    await put({ random: { seed, rate: 0.5, kinds: ["throttle", "error", "reset"] } });
    await aws.control("DELETE", "calls");
    for (const call of calls) await call().catch(() => {});
    const logged = (await aws.control("GET", "calls")) as { action: string; status: number; fault?: string }[];
    const faults: Record<string, string[]> = {};
    for (const { action, status, fault } of logged) {
      faults[action] = [...(faults[action] ?? []), `${fault ?? "none"} ${status}`];
    }
    return faults;
  };
  const some = Array.from({ length: 12 }, () => describeGroups);
  const others = Array.from({ length: 12 }, () => describeScaling);
  const first = await met(7, [...some, ...others]);
  const mixed = some.flatMap((call, index) => [others[index] ?? call, call]);
  assert.deepEqual(await met(7, mixed), first);
  assert.notDeepEqual(await met(8, mixed), first);
  const all = Object.values(first).flat();
  assert.ok(all.some((one) => one.startsWith("none")) && all.some((one) => one.startsWith("throttle")), `${all}`);
});

test("a rule's probability is drawn from the seed too", async () => {
  const outcomes = async () => {
    await put({ seed: 3, rules: [{ probability: 0.5, fault: { kind: "throttle" } }] });
    const seen = [];
    for (let call = 0; call < 20; call += 1)
      seen.push(
        await describeGroups().then(
          () => true,
          () => false,
        ),
      );
    return seen;
  };
  const first = await outcomes();
  assert.deepEqual(await outcomes(), first);
  assert.ok(first.includes(true) && first.includes(false));
});

test("the endpoint's own calls meet no fault", async () => {
  await rules({ agent: "multivac", action: "Describe*", fault: { kind: "refuse" } });
  await createGroup("own-calls");
  assert.equal((await refusal(createGroup("own-calls"))).name, "InvalidGroup.Duplicate");
});
