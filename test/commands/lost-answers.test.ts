import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, type TestContext, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** AWS does what it was asked, and the answer gets lost: what is asked again must not be done again. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("errors-lost", { machines: false });
});
after(() => aws?.stop());

const named = ["--name", "hello", "--environment", "test"];
const loadBalancer = { healthCheck: { gracePeriodSeconds: 5 } };
const whole = {
  "security-group": 2,
  "launch-template": 1,
  "target-group": 1,
  "load-balancer": 1,
  listener: 1,
  "auto-scaling-group": 1,
  instance: 1,
};
const faults = (rules: object[]) => aws.control("faults", { rules });
const fired = async () => {
  const { rules } = await aws.faults();
  return Object.fromEntries(rules.map((rule) => [rule.action, rule.fired]));
};
/** How often an answer to each is lost: the lock is a launch template, too. */
const losses = (actions: readonly string[]) =>
  Object.fromEntries(actions.map((action) => [action, action === "CreateLaunchTemplate" ? 2 : 1]));
const lose = (actions: readonly string[], kind: string) =>
  Object.entries(losses(actions)).map(([action, times]) => ({
    action,
    times,
    when: "after",
    agent: "multivac",
    fault: { kind },
  }));
const counts = async () => {
  const owned = ofStack(await aws.state(), "hello", "test");
  return Object.fromEntries(Object.keys(whole).map((kind) => [kind, owned[kind]?.length ?? 0]));
};

async function stackFolder(t: TestContext): Promise<{ cwd: string; file: string }> {
  const cwd = await temporaryFolder(t);
  t.after(async () => {
    await faults([]);
    await aws.run(["destroy", "--yes", ...named]);
  });
  return { cwd, file: await writeConfig(cwd, { loadBalancer }) };
}
const deploy = (cwd: string, ...more: string[]) =>
  aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId, ...more], { cwd });

const creates = [
  "CreateSecurityGroup",
  "AuthorizeSecurityGroupIngress",
  "AuthorizeSecurityGroupEgress",
  "RevokeSecurityGroupEgress",
  "CreateLaunchTemplate",
  "CreateTargetGroup",
  "ModifyTargetGroupAttributes",
  "CreateLoadBalancer",
  "CreateListener",
  "CreateAutoScalingGroup",
];
const changes = ["CreateLaunchTemplateVersion", "StartInstanceRefresh"];

for (const kind of ["error", "reset"]) {
  test(`each create of which the answer is lost (${kind}) makes one thing, first and on a change`, async (t) => {
    const { cwd, file } = await stackFolder(t);
    await faults(lose(creates, kind));
    const first = await deploy(cwd);
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual(await fired(), losses(creates));
    assert.deepEqual(await counts(), whole);

    await faults(lose(changes, kind));
    await writeFile(file, JSON.stringify({ ...goodConfig, loadBalancer, app: { ...goodConfig.app, env: { A: "1" } } }));
    const second = await deploy(cwd);
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual(await fired(), losses(changes));
    const { LaunchTemplateVersions } = await boto(aws.env, "ec2", "describe_launch_template_versions", {
      LaunchTemplateName: "hello-test",
    });
    const versions = LaunchTemplateVersions.map(({ VersionNumber }: { VersionNumber: number }) => VersionNumber);
    assert.equal(Math.max(...versions), 2, "one version more");
    const { InstanceRefreshes } = await boto(aws.env, "autoscaling", "describe_instance_refreshes", {
      AutoScalingGroupName: "hello-test",
    });
    assert.deepEqual(
      InstanceRefreshes.map(({ Status }: { Status: string }) => Status),
      ["Successful"],
    );
    await faults([]);
    await aws.calls();
    assert.equal((await deploy(cwd)).code, 0);
    const changing = (await aws.calls()).filter((call) => call.changing);
    assert.deepEqual(changing, [], "the same deploy again changes nothing");
  });
}

test("what a call names is not known yet, whoever made it: the call is sent again until it is", async (t) => {
  const { cwd } = await stackFolder(t);
  const lags = ["CreateSecurityGroup", "CreateLaunchTemplate", "CreateTargetGroup", "CreateLoadBalancer"];
  const skip = (action: string) => (action === "CreateLaunchTemplate" ? 1 : 0);
  await faults(
    lags.map((action) => ({ action, skip: skip(action), agent: "multivac", fault: { kind: "lag", calls: 3 } })),
  );
  const ran = await deploy(cwd);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(await counts(), whole);
});

for (const what of ["target group", "load balancer"] as const) {
  test(`a ${what} that somebody else makes at the same moment, with the same settings, is not taken for ours`, async (t) => {
    const { cwd } = await stackFolder(t);
    const action = what === "target group" ? "CreateTargetGroup" : "CreateLoadBalancer";
    await faults([{ action, agent: "multivac", times: 1, fault: { kind: "delay", seconds: 600 } }]);
    const deploying = deploy(cwd);
    await eventually(async () => (await fired())[action] === 1);
    const theirs = what === "target group" ? await targetGroupOfOthers() : await loadBalancerOfOthers();
    await faults([]);
    try {
      const ran = await deploying;
      assert.equal(ran.code, 1, ran.stderr);
      assert.equal(ran.json().error?.code, "name-taken", ran.stderr);
      const found = (await aws.state())[what.replace(" ", "-")]?.filter(({ name }) => name === theirs.name);
      assert.deepEqual(
        found?.map(({ tags }) => tags),
        [{ team: "red" }],
        "one, left as it was",
      );
    } finally {
      await theirs.remove();
    }
  });
}

const Tags = [{ Key: "team", Value: "red" }];

async function targetGroupOfOthers() {
  const HealthCheck = { HealthCheckProtocol: "HTTP", HealthCheckPort: "traffic-port", HealthCheckPath: "/" };
  const numbers = { HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 5 };
  const thresholds = { HealthyThresholdCount: 2, UnhealthyThresholdCount: 2 };
  const about = { Name: "hello-test-tg", Protocol: "HTTP", Port: 80, VpcId: aws.vpcId, TargetType: "instance", Tags };
  const { TargetGroups } = await boto(aws.env, "elbv2", "create_target_group", {
    ...about,
    ...HealthCheck,
    ...numbers,
    ...thresholds,
  });
  const { TargetGroupArn } = TargetGroups[0];
  return { name: about.Name, remove: () => boto(aws.env, "elbv2", "delete_target_group", { TargetGroupArn }) };
}

async function loadBalancerOfOthers() {
  const SecurityGroups = (await aws.state())["security-group"]?.flatMap(({ id, name }) =>
    name === "hello-test-lb" ? id : [],
  );
  const about = { Name: "hello-test-lb", Subnets: aws.subnetIds, SecurityGroups, Tags };
  const { LoadBalancers } = await boto(aws.env, "elbv2", "create_load_balancer", about);
  const { LoadBalancerArn } = LoadBalancers[0];
  const active = async () => (await aws.state())["load-balancer"]?.some(({ raw }) => raw.State.Code === "active");
  await eventually(active);
  return { name: about.Name, remove: () => boto(aws.env, "elbv2", "delete_load_balancer", { LoadBalancerArn }) };
}
