import assert from "node:assert/strict";
import { appendFile, rm } from "node:fs/promises";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";
import { standIns } from "./programs.ts";

/** Somebody who may do just what `multivac policy` says: the sandbox asks of each call what IAM would be asked. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("policy", { machines: false });
  aws.leastPolicies = false;
});
after(() => aws?.stop());

interface Statement {
  Sid: string;
  Action: string[];
}
interface Policy {
  Statement: Statement[];
}

const profile = { instances: { instanceProfile: "web", keyName: "somebody's" } };

async function ground(t: TestContext, config: object = {}) {
  const cwd = await temporaryFolder(t);
  t.after(() => aws.reset());
  const write = (more: object = {}) => writeConfig(cwd, { app: goodConfig.app, ...config, ...more });
  const env = await standIns(cwd);
  const run = (...args: string[]) => aws.run([...args, "--json"], { cwd, env });
  const policy = async (part: string) => (await run("policy", part)).json() as unknown as Policy;
  await write();
  return { cwd, write, run, policy };
}

/** The stack's tags, to be given to an Auto Scaling group. */
const stackTags = (ResourceId: string) =>
  Object.entries({ "multivac:name": "hello", "multivac:environment": "test" }).map(([Key, Value]) => ({
    ResourceId,
    ResourceType: "auto-scaling-group",
    PropagateAtLaunch: false,
    Key,
    Value,
  }));

/** From now on the command may do what these policies allow, and the test everything. */
const allow = (...policies: Policy[]) => aws.control("policies", { policies });

/** What each statement has allowed since. */
async function used(): Promise<Record<string, string[]>> {
  const shown = (await (await fetch(`${aws.endpoint}/_multivac/policies`)).json()) as {
    used: Record<string, string[]>;
  };
  return shown.used;
}

const sids = (...policies: Policy[]) => [
  ...new Set(policies.flatMap(({ Statement }) => Statement.map(({ Sid }) => Sid))),
];

test("read, deploy and destroy are each enough for their commands, and no statement is without use", async (t) => {
  const { cwd, write, run, policy } = await ground(t, profile);
  await boto(aws.env, "ec2", "create_key_pair", { KeyName: "somebody's" });
  await boto(aws.env, "iam", "create_instance_profile", { InstanceProfileName: "web" });
  const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  await boto(aws.env, "iam", "create_role", { RoleName: "web", AssumeRolePolicyDocument: trust });
  await boto(aws.env, "iam", "add_role_to_instance_profile", { InstanceProfileName: "web", RoleName: "web" });
  const [read, deploy, destroy] = (await Promise.all(["read", "deploy", "destroy"].map(policy))) as [
    Policy,
    Policy,
    Policy,
  ];
  const succeeds = async (...args: string[]) => {
    const ran = await run(...args);
    assert.equal(ran.code, 0, ran.stderr);
    return ran.json() as { release?: string };
  };

  const notWell = async () => {
    const { checks } = (await run("doctor")).json() as unknown as { checks: { name: string; state: string }[] };
    return checks.flatMap(({ name, state }) => (/^(failed|unknown)$/.test(state) ? `${name}: ${state}` : []));
  };

  await allow(read, deploy);
  // A quota that nobody has applied for has AWS's default.
  const unknown = { kind: "refuse", code: "NoSuchResourceException" };
  await aws.control("faults", { rules: [{ action: "GetServiceQuota", fault: unknown }] });
  assert.deepEqual(await notWell(), ["instance-profile: unknown"], "the stack's own group is not there yet");
  await aws.control("faults", {});
  const { release } = await succeeds("deploy", "--yes");
  assert.deepEqual(await notWell(), []);
  await write({ app: { ...goodConfig.app, port: 8080 }, tags: { team: "blue" } });
  await appendFile(path.join(cwd, "app/tiny_app.py"), "# changed\n");
  await succeeds("deploy", "--yes");
  assert.equal((await succeeds("rollback", "--yes")).release, release);
  await succeeds("logs", "--way", "console");
  // The sandbox costs nothing: as on AWS, at its endpoint, and as the one who has the policies.
  const env = { ...aws.env, AWS_ACCESS_KEY_ID: "sandbox", XDG_CACHE_HOME: cwd };
  const cost = async () => (await multivac(["cost", "--json"], { cwd, env })).json();
  assert.deepEqual((await cost()).notes, []);
  assert.deepEqual(Object.keys(await used()).sort(), sids(read, deploy).sort());

  await allow(read);
  for (const command of ["plan", "status", "releases", "events", "open"]) await succeeds(command);
  await succeeds("status", "--all");
  await rm(path.join(cwd, "multivac"), { recursive: true });
  assert.deepEqual((await cost()).notes, [], "neither a look nor the price list is refused");

  await allow(read, destroy);
  await succeeds("destroy", "--yes");
  assert.deepEqual(ofStack(await aws.state(), "hello", "test"), {});
});

for (const [without, action, more] of [
  ["ChangeOwn", "ec2:AuthorizeSecurityGroup", {}],
  ["LaunchInVpc", "ec2:RunInstances", {}],
  ["UseNamed", "ec2:RunInstances", {}],
  ["BuilderKey", "ec2:CreateKeyPair", {}],
  ["LaunchBuilder", "ec2:RunInstances", {}],
  ["TagWhatScales", "autoscaling:CreateOrUpdateTags", {}],
  ["MakeServiceRoles", "iam:CreateServiceLinkedRole", {}],
] as const) {
  test(`without the statement ${without}, what is refused is told: ${action}`, async (t) => {
    const { run, policy } = await ground(t, more);
    const [read, deploy] = (await Promise.all(["read", "deploy"].map(policy))) as [Policy, Policy];
    await allow(read, { ...deploy, Statement: deploy.Statement.filter(({ Sid }) => Sid !== without) });
    const ran = await run("deploy", "--yes");
    assert.equal(ran.code, 1);
    const { error } = ran.json();
    assert.equal(error?.code, "not-allowed", ran.stderr);
    assert.ok(error?.message.includes(action), error?.message);
  });
}

test("what carries another stack's tags is refused by the policy itself", async (t) => {
  const { run, write, policy } = await ground(t);
  const all = await Promise.all(["read", "deploy", "destroy", "old-packer"].map(policy));
  await write({ name: "other" });
  assert.equal((await run("deploy", "--yes", "--image", aws.baseImageId)).code, 0);
  const before = ofStack(await aws.state(), "other", "test");

  await allow(...all);
  for (const command of ["destroy", "deploy"]) {
    const ran = await run(command, "--yes");
    assert.equal(ran.json().error?.code, "not-allowed", ran.stderr);
  }
  const as = { ...aws.env, AWS_ACCESS_KEY_ID: "sandbox" };
  const attempts: [string, string, object][] = [
    ["ec2", "terminate_instances", { InstanceIds: before.instance }],
    ["ec2", "delete_security_group", { GroupId: before["security-group"]?.[0] }],
    ["ec2", "delete_launch_template", { LaunchTemplateId: before["launch-template"]?.[0] }],
    ["ec2", "create_tags", { Resources: before.instance, Tags: [{ Key: "multivac:name", Value: "hello" }] }],
    ["autoscaling", "delete_auto_scaling_group", { AutoScalingGroupName: "other-test", ForceDelete: true }],
    ["autoscaling", "create_or_update_tags", { Tags: stackTags("other-test") }],
    ["elbv2", "delete_load_balancer", { LoadBalancerArn: before["load-balancer"]?.[0] }],
    ["elbv2", "add_tags", { ResourceArns: before["load-balancer"], Tags: [{ Key: "multivac:name", Value: "hello" }] }],
  ];
  for (const [service, call, parameters] of attempts)
    await assert.rejects(boto(as, service, call, parameters), /UnauthorizedOperation|AccessDenied/, call);
  assert.deepEqual(ofStack(await aws.state(), "other", "test"), before);
});
