import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { managedPolicyLimit } from "../../src/policy/document.ts";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";

/** The policies as they are printed. That they are enough and hold nothing more is tested in test/policy. */

interface Statement {
  Sid: string;
  Effect: string;
  Action: string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}
interface Policy {
  Version: string;
  Statement: Statement[];
}

/** Runs it without credentials. */
async function run(
  t: TestContext,
  config: Record<string, unknown>,
  args: string[] = [],
  env: Record<string, string> = {},
) {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, config);
  return await multivac(["policy", ...args], { cwd, env });
}

async function policyOf(t: TestContext, config: Record<string, unknown>, ...args: string[]): Promise<Policy> {
  const ran = await run(t, config, args);
  assert.equal(ran.code, 0, ran.stderr);
  return JSON.parse(ran.stdout);
}

const statement = ({ Statement }: Policy, sid: string) => Statement.find(({ Sid }) => Sid === sid);

function assertValid(policy: Policy): void {
  assert.deepEqual(Object.keys(policy), ["Version", "Statement"]);
  assert.equal(policy.Version, "2012-10-17");
  const sids = policy.Statement.map(({ Sid }) => Sid);
  assert.equal(new Set(sids).size, sids.length, "each statement has a name of its own");
  for (const { Sid, Effect, Action, Resource } of policy.Statement) {
    assert.match(Sid, /^[A-Za-z0-9]+$/);
    assert.equal(Effect, "Allow");
    assert.ok(Action.length > 0 && Action.every((action) => /^[a-z0-9]+:[A-Za-z]+$/.test(action)), `${Action}`);
    assert.ok([Resource].flat().every((resource) => resource === "*" || /^arn:aws[\w-]*:[a-z0-9]+:/.test(resource)));
  }
  assert.ok(JSON.stringify(policy).replace(/\s/g, "").length <= managedPolicyLimit);
}

test("without AWS: a policy for each part, limited to the stack, its region, its network, its account", async (t) => {
  const all = JSON.parse((await run(t, { accountId: "210987654321" })).stdout) as Record<string, Policy>;
  assert.deepEqual(
    Object.keys(all),
    ["read", "deploy", "destroy", "shell"].map((part) => `hello-test-${part}`),
  );
  for (const policy of Object.values(all)) assertValid(policy);
  const deploy = all["hello-test-deploy"] as Policy;
  const own = { "aws:ResourceTag/multivac:name": "hello", "aws:ResourceTag/multivac:environment": "test" };
  const region = { "aws:RequestedRegion": "ap-southeast-2" };
  assert.deepEqual(statement(deploy, "ChangeOwn")?.Condition, { StringEquals: { ...region, ...own } });
  assert.deepEqual(statement(deploy, "LaunchBuilder")?.Condition, { StringEquals: { "ec2:Owner": "amazon" } });
  // A network may be another account's that shares it.
  const vpc = `arn:aws:ec2:ap-southeast-2:*:vpc/${goodConfig.network.vpcId}`;
  assert.deepEqual(statement(deploy, "UseNamed")?.Resource, [
    vpc,
    ...goodConfig.network.subnetIds.map((id) => `arn:aws:ec2:ap-southeast-2:*:subnet/${id}`),
  ]);
  const inVpc = statement(deploy, "LaunchInVpc");
  assert.equal(inVpc?.Resource, "arn:aws:ec2:ap-southeast-2:210987654321:network-interface/*");
  assert.deepEqual(inVpc?.Condition, { ArnLike: { "ec2:Vpc": vpc } });
  assert.ok(
    statement(deploy, "MakeTagged")?.Resource.includes(
      "arn:aws:elasticloadbalancing:ap-southeast-2:210987654321:loadbalancer/app/hello-test-lb*",
    ),
  );
  assert.equal(statement(deploy, "PassRole"), undefined);
  for (const { Sid, Action, Resource, Condition } of Object.values(all).flatMap(({ Statement }) => Statement)) {
    if (Resource !== "*" || Sid === "LookUpPrices") continue;
    assert.equal(Condition?.StringEquals?.["aws:RequestedRegion"], "ap-southeast-2", `${Action}`);
  }
});

test("one part alone is the document that IAM takes, also with --json; without accountId any account is meant", async (t) => {
  for (const part of ["read", "deploy", "destroy", "shell", "old-packer"]) {
    const policy = await policyOf(t, {}, part, "--json");
    assertValid(policy);
    const arns = policy.Statement.flatMap(({ Resource }) => Resource).filter((resource) => resource !== "*");
    assert.ok(
      arns.every((arn) => /^arn:aws:\w+:[\w-]*:\*?:/.test(arn)),
      `${arns}`,
    );
  }
  const wrong = await run(t, {}, ["everything", "--json"]);
  assert.equal(wrong.json().error?.code, "wrong-call");
});

test("an instance profile: its role may be passed to EC2 alone, by the profile's name or by --role", async (t) => {
  const withProfile = (instanceProfile: string) => ({ instances: { instanceProfile } });
  const ran = await run(t, withProfile("web"), ["deploy"]);
  assert.match(ran.stderr, /iam:PassRole is for the role web, .*--role/);
  assert.deepEqual(statement(JSON.parse(ran.stdout), "PassRole"), {
    Sid: "PassRole",
    Effect: "Allow",
    Action: ["iam:PassRole"],
    Resource: "arn:aws:iam::*:role/web",
    Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
  });
  const named = await run(t, withProfile("web"), ["deploy", "--role", "apps/server"]);
  assert.equal(named.stderr, "");
  assert.equal(statement(JSON.parse(named.stdout), "PassRole")?.Resource, "arn:aws:iam::*:role/apps/server");
  const arn = await policyOf(t, withProfile("arn:aws:iam::123456789012:instance-profile/apps/web"), "deploy");
  assert.equal(statement(arn, "PassRole")?.Resource, "arn:aws:iam::123456789012:role/apps/web");
});

test("a named image is launched in place of a builder's, a key pair by exactly its name", async (t) => {
  const id = "ami-0123456789abcdef0";
  const instances = { keyName: "what*ever" };
  const policy = await policyOf(t, { image: { id }, instances }, "deploy");
  const named = statement(policy, "UseNamed")?.Resource ?? [];
  assert.ok(named.includes(`arn:aws:ec2:ap-southeast-2::image/${id}`), `${named}`);
  assert.equal(statement(policy, "LaunchBuilder"), undefined);
  assert.match(`${named.at(-1)}`, /key-pair\/what\$\{\*\}ever$/);
});

test("a builder's image is its publisher's, by its account and as EC2 shows publishers that Amazon has verified", async (t) => {
  const owners = async (os: string, region = "ap-southeast-2") =>
    statement(await policyOf(t, { image: { os }, region }, "deploy"), "LaunchBuilder")?.Condition?.StringEquals?.[
      "ec2:Owner"
    ];
  assert.equal(await owners("amazon-linux-2023"), "amazon");
  assert.deepEqual(await owners("ubuntu-24.04"), ["099720109477", "amazon"]);
  assert.deepEqual(await owners("debian-12"), ["136693071363", "amazon"]);
  assert.deepEqual(await owners("ubuntu-24.04", "us-gov-west-1"), ["513442679011", "amazon"]);
  assert.deepEqual(await owners("ubuntu-24.04", "cn-north-1"), ["837727238323", "amazon"]);
});

test("sessions are joined, ended and gone on with by who began them", async (t) => {
  const shell = await policyOf(t, { accountId: "210987654321" }, "shell");
  const caller = "$".concat("{aws:userid}");
  const sessions = "arn:aws:ssm:ap-southeast-2:210987654321:session/";
  const endings = ["ssm:ResumeSession", "ssm:TerminateSession"];
  const own = statement(shell, "OwnSession");
  assert.deepEqual(
    [own?.Action, own?.Resource],
    [[...endings, "ssmmessages:OpenDataChannel"], `${sessions}${caller}-*`],
  );
  const tagged = statement(shell, "EndOwnSession");
  assert.deepEqual([tagged?.Action, tagged?.Resource], [endings, `${sessions}*`]);
  assert.deepEqual(tagged?.Condition, { StringEquals: { "ssm:resourceTag/aws:ssmmessages:session-id": caller } });
});

test("Auto Scaling groups are tagged by name as they are made, and not where they have a stack's tags", async (t) => {
  const deploy = await policyOf(t, {}, "deploy");
  assert.deepEqual(statement(deploy, "TagWhatScales"), {
    Sid: "TagWhatScales",
    Effect: "Allow",
    Action: ["autoscaling:CreateOrUpdateTags"],
    Resource: "arn:aws:autoscaling:ap-southeast-2:*:autoScalingGroup:*:autoScalingGroupName/hello-test*",
    Condition: {
      StringEquals: { "aws:RequestTag/multivac:name": "hello", "aws:RequestTag/multivac:environment": "test" },
      Null: { "aws:ResourceTag/multivac:name": "true" },
    },
  });
});

test("the region is the command line's, the config's, the environment's; its partition is in every ARN", async (t) => {
  const { region: _, ...elsewhere } = goodConfig;
  const china = await run(t, { ...elsewhere, region: undefined }, ["deploy"], { AWS_REGION: "cn-north-1" });
  assert.equal(china.code, 0, china.stderr);
  assert.ok(!china.stdout.includes("arn:aws:"));
  assert.match(china.stdout, /arn:aws-cn:ec2:cn-north-1:/);
  const partitions = { "eusc-de-east-1": "aws-eusc", "us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b" };
  for (const [region, partition] of Object.entries(partitions))
    assert.match(
      (await run(t, { region }, ["deploy", "--region", region])).stdout,
      new RegExp(`arn:${partition}:ec2:${region}:`),
    );
  const given = await policyOf(t, {}, "read", "--region", "us-gov-west-1");
  assert.equal(statement(given, "Look")?.Condition?.StringEquals?.["aws:RequestedRegion"], "us-gov-west-1");
  const nowhere = await run(t, { region: undefined }, ["--json"]);
  assert.equal(nowhere.json().error?.code, "no-region");
});

test("the longest names fit, in all zones that a region has; more than IAM takes is refused", async (t) => {
  const subnets = (count: number) => Array.from({ length: count }, (_, at) => `subnet-${`${at}`.padStart(17, "0")}`);
  const longest = {
    name: "a-name-of-16-abc",
    environment: "longest1",
    accountId: "123456789012",
    image: { os: "ubuntu-24.04" },
    instances: { instanceProfile: "a".repeat(64), keyName: "b".repeat(255) },
  };
  const network = (count: number) => ({ network: { ...goodConfig.network, subnetIds: subnets(count) } });
  for (const part of ["read", "deploy", "destroy", "shell", "old-packer"])
    assertValid(await policyOf(t, { ...longest, region: "us-east-1", ...network(6) }, part));
  for (const [region, zones] of [
    ["ap-northeast-1", 4],
    ["us-gov-west-1", 3],
    ["cn-northwest-1", 3],
  ] as const)
    assertValid(await policyOf(t, { ...longest, region, ...network(zones) }, "deploy"));
  assertValid(await policyOf(t, { ...longest, ...network(30) }, "read"));
  const ran = await run(t, { ...longest, ...network(30) }, ["deploy", "--json"]);
  assert.equal(ran.code, 1);
  const { error } = ran.json();
  assert.equal(error?.code, "policy-too-long");
  assert.match(
    error?.message ?? "",
    /policy a-name-of-16-abc-longest1-deploy is \d{4} characters long; IAM takes 6144/,
  );
});
