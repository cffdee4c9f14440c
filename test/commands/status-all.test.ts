import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boto, python } from "../boto3.ts";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** `status --all`: every stack by its tags, in a handful of requests. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("logs-all", { machines: false });
});
after(() => aws?.stop());

interface Listed {
  name: string;
  environment: string;
  state: string;
  release: string | null;
  url: string | null;
  instances: { healthy: number; wanted: number };
}

const all = async (...args: string[]) => {
  const ran = await aws.run(["status", "--all", "--json", ...args]);
  return { ...ran, stacks: ran.json().stacks as unknown as Listed[] };
};

/** Stacks as another machine would have made them: their parts with their tags, made by boto3. */
async function makeStacks(names: string[]): Promise<void> {
  await python(aws.env, stacksScript, names, aws.vpcId, aws.subnetIds, aws.baseImageId);
  await launched(names, 1);
}

/** Waits until the group of each of these stacks has so many instances in service. */
async function launched(names: string[], count: number): Promise<void> {
  await eventually(async () => {
    const groups = (await aws.state())["auto-scaling-group"] ?? [];
    return names.every((name) => {
      const { Instances = [] } = groups.find((group) => group.name === `${name}-dev`)?.raw ?? {};
      const inService = Instances.filter((one: { LifecycleState: string }) => one.LifecycleState === "InService");
      return inService.length === count;
    });
  });
}

const stacksScript = `
names, vpc, subnets, image = arguments
ec2, asg, elb = (client(name) for name in ("ec2", "autoscaling", "elbv2"))
for name in names:
    key = f"{name}-dev"

    def tags(part, **more):
        found = {"Name": key, "multivac:name": name, "multivac:environment": "dev", "multivac:resource": part, **more}
        return [{"Key": key, "Value": value} for key, value in found.items()]

    groups = []
    for part in ("load-balancer", "instance"):
        group = ec2.create_security_group(
            GroupName=f"{key}-{part}", Description=part, VpcId=vpc,
            TagSpecifications=[{"ResourceType": "security-group", "Tags": tags(f"{part}-security-group")}])
        groups.append(group["GroupId"])
    instance = tags("instance", **{"multivac:release": "aaaaaaaaaaaa"})
    ec2.create_launch_template(
        LaunchTemplateName=key,
        LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro", "TagSpecifications": [
            {"ResourceType": "instance", "Tags": instance}]},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags("launch-template")}])
    elb.create_load_balancer(Name=f"{key}-lb", Subnets=subnets, SecurityGroups=groups[:1], Tags=tags("load-balancer"))
    asg.create_auto_scaling_group(
        AutoScalingGroupName=key, MinSize=1, MaxSize=1, VPCZoneIdentifier=",".join(subnets),
        LaunchTemplate={"LaunchTemplateName": key, "Version": "1"},
        Tags=[{**tag, "PropagateAtLaunch": False} for tag in tags("auto-scaling-group")])
answer(None)
`;

/** What is asked of AWS for a list, as \`service:action\` with how often. */
async function requests(): Promise<Record<string, number>> {
  await aws.calls();
  await all();
  const counts: Record<string, number> = {};
  for (const { service, action } of await aws.calls()) {
    const name = `${service}:${action}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const handful = {
  "autoscaling:DescribeAutoScalingGroups": 1,
  "ec2:DescribeTags": 1,
  "elasticloadbalancing:DescribeLoadBalancers": 1,
  "elasticloadbalancing:DescribeTags": 1,
  "sts:GetCallerIdentity": 1,
};

test("without a stack there is nothing to tell", async () => {
  const { code, stdout, stacks } = await all();
  assert.equal(code, 0);
  assert.deepEqual(stacks, []);
  assert.match(stdout, /^\{"version":1,"region":"ap-southeast-2","account":"123456789012","stacks":\[\]\}$/);
  assert.match((await aws.run(["status", "--all"])).stdout, /^No stacks in ap-southeast-2 of account 123456789012\./);
});

test("a stack that was deployed is told as status tells it, without a config", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { ...goodConfig, instances: { min: 2, max: 2 } });
  const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  const { stacks, code } = await all();
  assert.equal(code, 0);
  assert.deepEqual(stacks, [
    {
      name: "hello",
      environment: "test",
      state: "healthy",
      release: aws.baseImageId,
      url: ran.stdout.trim(),
      instances: { healthy: 2, wanted: 2 },
    },
  ]);
  // Somebody else's load balancer that is named as ours would be.
  await boto(aws.env, "elbv2", "create_load_balancer", { Name: "other-dev-lb", Subnets: aws.subnetIds });
  assert.equal((await all()).stacks.length, 1);
});

test("a bake's builder is none of the instances that serve, nor one to go to", async (t) => {
  const tags = { name: "hello", environment: "test", resource: "builder" };
  const { Instances } = await boto(aws.env, "ec2", "run_instances", {
    ImageId: aws.baseImageId,
    InstanceType: "t3.micro",
    SubnetId: aws.subnetIds[0],
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: [
      {
        ResourceType: "instance",
        Tags: Object.entries(tags).map(([key, Value]) => ({ Key: `multivac:${key}`, Value })),
      },
    ],
  });
  const [{ InstanceId: builder }] = Instances;
  t.after(() => boto(aws.env, "ec2", "terminate_instances", { InstanceIds: [builder] }));
  const stack = ["--name", "hello", "--environment", "test"];
  const { state, instances } = (await aws.run(["status", "--json", ...stack])).json() as unknown as {
    state: string;
    instances: { id: string }[];
  };
  assert.equal(state, "healthy");
  assert.equal(instances.length, 2);
  const completed = await multivac(["__complete", "--", "ssh", "--sandbox", ...stack, ""], {
    env: { MULTIVAC_SANDBOX: aws.id, MULTIVAC_COMPLETION_SECONDS: "30" },
  });
  const offered = completed.stdout.split("\n").map((line) => line.split("\t")[0]);
  assert.deepEqual(offered.sort(), instances.map(({ id }) => id).sort());
});

test("what is rolling, broken, or only a shell of itself", async () => {
  await makeStacks(["half", "less"]);
  const state = await aws.state();
  const { id } = state["load-balancer"]?.find(({ name }) => name === "half-dev-lb") ?? {};
  await boto(aws.env, "elbv2", "delete_load_balancer", { LoadBalancerArn: id });
  const kept = { "multivac:name": "kept", "multivac:environment": "dev", "multivac:resource": "image" };
  const { ImageId } = await boto(aws.env, "ec2", "register_image", { Name: "kept" });
  await boto(aws.env, "ec2", "create_tags", {
    Resources: [ImageId],
    Tags: Object.entries(kept).map(([Key, Value]) => ({ Key, Value })),
  });
  const [member] = state["auto-scaling-group"]?.find(({ name }) => name === "less-dev")?.raw.Instances ?? [];
  await boto(aws.env, "ec2", "create_tags", {
    Resources: [member.InstanceId],
    Tags: [{ Key: "multivac:release", Value: "bbbbbbbbbbbb" }],
  });
  await boto(aws.env, "autoscaling", "update_auto_scaling_group", {
    AutoScalingGroupName: "less-dev",
    MaxSize: 2,
    DesiredCapacity: 2,
  });
  await launched(["less"], 2);
  const { code, stacks } = await all();
  assert.equal(code, 3, "one is degraded");
  const told = Object.fromEntries(stacks.map(({ name, state: how, instances }) => [name, { how, instances }]));
  assert.deepEqual(told, {
    half: { how: "degraded", instances: { healthy: 1, wanted: 1 } },
    hello: { how: "healthy", instances: { healthy: 2, wanted: 2 } },
    kept: { how: "absent", instances: { healthy: 0, wanted: 0 } },
    less: { how: "deploying", instances: { healthy: 2, wanted: 2 } },
  });
  const text = (await aws.run(["status", "--all"])).stdout;
  assert.match(text, /^4 stacks in ap-southeast-2 of account 123456789012\n\n {2}stack +environment +state /);
  assert.match(text, /^ {2}kept +dev +absent +only images are left$/m);
  assert.match(text, /^ {2}hello +test +healthy +2 of 2 +ami-\w+ +http:\/\/127\S+$/m);
});

test("what a living run brings up is deploying, what it takes down or left is not", async () => {
  const [Day, Old] = [new Date().toISOString(), "2026-01-02T03:04:05.000Z"];
  const runs = { fresh: ["deploy", Day], going: ["destroy", Day], dead: ["deploy", Old] };
  for (const [name, [command, heartbeat]] of Object.entries(runs)) {
    const tags = { name, environment: "dev", resource: "lock", command, heartbeat, process: "1 1 elsewhere" };
    await boto(aws.env, "ec2", "create_launch_template", {
      LaunchTemplateName: `${name}-dev/lock`,
      LaunchTemplateData: { ImageId: aws.baseImageId },
      TagSpecifications: [
        {
          ResourceType: "launch-template",
          Tags: Object.entries(tags).map(([key, Value]) => ({ Key: `multivac:${key}`, Value })),
        },
      ],
    });
  }
  const { stacks } = await all();
  const told = stacks.filter(({ name }) => name in runs).map(({ name, state: how }) => [name, how]);
  assert.deepEqual(told, [["fresh", "deploying"]]);
  const one = async (name: string) =>
    (await aws.run(["status", "--json", "--name", name, "--environment", "dev"])).json().state;
  assert.deepEqual([await one("fresh"), await one("going"), await one("dead")], ["deploying", "absent", "absent"]);
});

test("--name and --environment choose among them; a config that is broken elsewhere does not matter", async (t) => {
  const names = async (...args: string[]) => (await all(...args)).stacks.map(({ name }) => name);
  assert.deepEqual(await names("--name", "hello"), ["hello"]);
  assert.deepEqual(await names("--name", "hello", "--environment", "dev"), []);
  assert.deepEqual(await names("--environment", "test"), ["hello"]);
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: { nonsense: true }, name: "another" });
  assert.equal((await aws.run(["status", "--all", "--json"], { cwd })).code, 3, "all the same ones");
});

test("a handful of requests, for 3 stacks as for 25", async () => {
  await aws.reset();
  await makeStacks(["one", "two", "three"]);
  assert.deepEqual(await requests(), handful);
  await makeStacks(Array.from({ length: 22 }, (_, index) => `more${index}`));
  assert.deepEqual(await requests(), { ...handful, "elasticloadbalancing:DescribeTags": 2 }, "20 ARNs a call");
  const { stacks } = await all();
  assert.equal(stacks.length, 25);
  assert.deepEqual([...new Set(stacks.map(({ release }) => release))], ["aaaaaaaaaaaa"]);
});

test("a sandbox that does not run has none, and is not started to see that", async () => {
  const env = { MULTIVAC_SANDBOX: "test-logs-all-down" };
  const down = await multivac(["status", "--all", "--json", "--sandbox"], { env });
  assert.equal(down.code, 0, down.stderr);
  assert.equal(down.stdout, '{"version":1,"region":null,"account":null,"stacks":[]}');
});
