import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { fastClock } from "../errors/clock.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** What a look costs: each thing is asked for once, however much else there is. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("requests", { machines: false });
  // A group that a load balancer's interfaces still wear is looked at until they are gone.
  await aws.control("settings", { interfaceSeconds: 0 });
});
after(() => aws?.stop());

const reads = [
  "autoscaling:DescribeAutoScalingGroups",
  "ec2:DescribeImages",
  "ec2:DescribeLaunchTemplateVersions",
  "ec2:DescribeLaunchTemplates",
  "ec2:DescribeSecurityGroups",
  "elasticloadbalancing:DescribeListeners",
  "elasticloadbalancing:DescribeLoadBalancerAttributes",
  "elasticloadbalancing:DescribeLoadBalancers",
  "elasticloadbalancing:DescribeTags",
  "elasticloadbalancing:DescribeTargetGroupAttributes",
  "elasticloadbalancing:DescribeTargetGroups",
  "elasticloadbalancing:DescribeTargetHealth",
];

/** Load balancers, target groups, security groups and images of others. */
async function fill(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const { GroupId } = await boto(aws.env, "ec2", "create_security_group", {
      GroupName: `foreign-${index}`,
      Description: "foreign",
      VpcId: aws.vpcId,
      TagSpecifications: [{ ResourceType: "security-group", Tags: [{ Key: "multivac:name", Value: `f${index}` }] }],
    });
    const Name = `foreign-${index}`;
    const Subnets = aws.subnetIds;
    await boto(aws.env, "elbv2", "create_load_balancer", { Name, Subnets, SecurityGroups: [GroupId] });
    await boto(aws.env, "elbv2", "create_target_group", { Name, Protocol: "HTTP", Port: 80, VpcId: aws.vpcId });
  }
}

const firstDeploy = [
  "autoscaling:CreateAutoScalingGroup",
  "ec2:AuthorizeSecurityGroupEgress",
  "ec2:AuthorizeSecurityGroupIngress",
  "ec2:AuthorizeSecurityGroupIngress",
  "ec2:CreateLaunchTemplate",
  "ec2:CreateLaunchTemplate",
  "ec2:CreateSecurityGroup",
  "ec2:CreateSecurityGroup",
  "ec2:DeleteLaunchTemplate",
  "ec2:RevokeSecurityGroupEgress",
  "elasticloadbalancing:CreateListener",
  "elasticloadbalancing:CreateLoadBalancer",
  "elasticloadbalancing:CreateTargetGroup",
  "elasticloadbalancing:ModifyTargetGroupAttributes",
];

const destroy = [
  "autoscaling:DeleteAutoScalingGroup",
  "ec2:CreateLaunchTemplate",
  "ec2:DeleteLaunchTemplate",
  "ec2:DeleteLaunchTemplate",
  "ec2:DeleteSecurityGroup",
  "ec2:DeleteSecurityGroup",
  "ec2:RevokeSecurityGroupEgress",
  "ec2:RevokeSecurityGroupIngress",
  "elasticloadbalancing:DeleteListener",
  "elasticloadbalancing:DeleteLoadBalancer",
  "elasticloadbalancing:DeleteTargetGroup",
];

test("a first deploy and a destroy change each thing once, the lock counted, and read little, after an earlier one too", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app });
  await aws.calls();
  for (const [args, changes, most] of [
    [["deploy", "--image", aws.baseImageId], firstDeploy, 24],
    [["destroy"], destroy, 19],
    // EC2 lists the instance that has ended, and its tags, for an hour.
    [["deploy", "--image", aws.baseImageId], firstDeploy, 24],
    [["destroy"], destroy, 19],
  ] as const) {
    const ran = await aws.run([...args, "--yes"], { cwd, env: fastClock(0.1) });
    assert.equal(ran.code, 0, ran.stderr);
    const calls = await aws.calls();
    const changing = calls.filter((call) => call.changing).map(({ service, action }) => `${service}:${action}`);
    assert.deepEqual(changing.sort(), changes);
    // How often a wait looks is a matter of how fast the machine is.
    const waits = ["DescribeAutoScalingGroups", "DescribeTargetHealth", "DescribeSecurityGroups", "DescribeTags"];
    const reads = calls.filter(({ action, ...call }) => !call.changing && !waits.includes(action));
    const kinds = [...new Set(calls.filter((call) => !call.changing).map(({ service, action }) => service + action))];
    const asked = reads.length + kinds.filter((kind) => waits.some((name) => kind.endsWith(name))).length;
    assert.ok(asked <= most, `${asked} reads: ${calls.map(({ action }) => action).join(" ")}`);
    // What had ended before it began a destroy does not look up again at its end.
    const names = calls.map(({ service, action }) => `${service}:${action}`);
    if (args[0] === "destroy")
      assert.ok(!names.slice(names.lastIndexOf("ec2:DescribeTags")).includes("ec2:DescribeInstances"), names.join(" "));
  }
});

test("an unchanged deploy asks for each thing once, also in an account that is full of others' things", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app });
  const deploy = () => aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  const first = await deploy();
  assert.equal(first.code, 0, first.stderr);

  for (const others of [0, 20]) {
    await fill(others);
    await aws.calls();
    const ran = await deploy();
    assert.equal(ran.code, 0, ran.stderr);
    const calls = await aws.calls();
    assert.deepEqual(calls.map(({ service, action }) => `${service}:${action}`).sort(), reads);
  }
});

test("after a change of the port, which leaves the second of two names, it asks once more for the first alone", async (t) => {
  const cwd = await temporaryFolder(t);
  const deploy = async (port: number) => {
    await writeConfig(cwd, { name: "other", app: { ...goodConfig.app, port } });
    const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
  };
  await deploy(80);
  await deploy(8080);
  await aws.calls();
  await deploy(8080);
  const calls = (await aws.calls()).map(({ service, action }) => `${service}:${action}`);
  assert.deepEqual(calls.sort(), [...reads, "elasticloadbalancing:DescribeTargetGroups"].sort());
});
