import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** The whole way with a given image, on the AWS API without machines. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("deploy", { machines: false });
});
after(() => aws?.stop());

const stack = ["hello", "test"] as const;
const deploy = async (cwd: string, ...args: string[]) =>
  aws.run(["deploy", "--yes", "--image", aws.baseImageId, ...args], { cwd });
const changingCalls = async () =>
  (await aws.calls()).filter(({ changing }) => changing).map(({ service, action }) => `${service}:${action}`);

async function stackFolder(
  t: Parameters<typeof temporaryFolder>[0],
  changes: Record<string, unknown> = {},
): Promise<string> {
  const folder = await temporaryFolder(t);
  const { app: _, ...withoutBake } = goodConfig;
  await writeConfig(folder, { ...withoutBake, app: goodConfig.app, ...changes });
  t.after(async () => {
    await aws.run(["destroy", "--yes", "--name", "hello", "--environment", "test"]);
  });
  return folder;
}

test("deploy makes the stack as the contract says, a second changes nothing, destroy leaves nothing", async (t) => {
  const cwd = await stackFolder(t, {
    tags: { team: "blue" },
    instances: { sshFrom: ["203.0.113.0/24"], volumeGiB: 20 },
  });
  const first = await deploy(cwd);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^http:\/\/127\.\d+\.\d+\.\d+\/$/, "the URL alone on stdout");
  const state = await aws.state();

  const owned = ofStack(state, ...stack);
  assert.deepEqual(Object.fromEntries(Object.entries(owned).map(([kind, ids]) => [kind, ids.length])), {
    "security-group": 2,
    "launch-template": 1,
    instance: 1,
    volume: 1,
    "load-balancer": 1,
    "target-group": 1,
    "auto-scaling-group": 1,
    listener: 1,
    ...(owned["network-interface"] ? { "network-interface": owned["network-interface"].length } : {}),
  });
  for (const [kind, things] of Object.entries(state)) {
    for (const { tags, id } of things.filter((thing) => owned[kind]?.includes(thing.id))) {
      assert.equal(tags.team, "blue", `${kind} ${id} carries the user's tags`);
      assert.ok(tags["multivac:resource"], `${kind} ${id} tells its part`);
      assert.equal(tags.Name, "hello-test");
    }
  }

  const groups = state["security-group"] ?? [];
  const balancerGroup = groups.find(({ tags }) => tags["multivac:resource"] === "load-balancer-security-group");
  const instanceGroup = groups.find(({ tags }) => tags["multivac:resource"] === "instance-security-group");
  const peers = (
    rules: {
      IpProtocol: string;
      FromPort?: number;
      IpRanges: { CidrIp: string }[];
      UserIdGroupPairs: { GroupId: string }[];
    }[],
  ) =>
    rules
      .flatMap((rule) =>
        [...rule.IpRanges.map(({ CidrIp }) => CidrIp), ...rule.UserIdGroupPairs.map(({ GroupId }) => GroupId)].map(
          (peer) => `${rule.IpProtocol} ${rule.FromPort} ${peer}`,
        ),
      )
      .sort();
  assert.deepEqual(peers(balancerGroup?.raw.IpPermissions), ["tcp 80 0.0.0.0/0"]);
  assert.deepEqual(peers(balancerGroup?.raw.IpPermissionsEgress), [`tcp 80 ${instanceGroup?.id}`]);
  assert.deepEqual(peers(instanceGroup?.raw.IpPermissions), ["tcp 22 203.0.113.0/24", `tcp 80 ${balancerGroup?.id}`]);
  assert.ok(
    !peers(instanceGroup?.raw.IpPermissionsEgress).some((rule) => rule.startsWith("-1")),
    "egress is restricted",
  );

  const group = state["auto-scaling-group"]?.[0]?.raw;
  assert.equal(group.HealthCheckType, "ELB");
  assert.match(group.LaunchTemplate.Version, /^\d+$/, "a numbered version");
  assert.deepEqual([group.MinSize, group.MaxSize, group.DesiredCapacity], [1, 1, 1]);

  await aws.calls();
  const second = await deploy(cwd);
  assert.equal(second.code, 0, second.stderr);
  assert.equal(second.stdout, first.stdout);
  assert.match(second.stderr, /Nothing to change/);
  assert.deepEqual(await changingCalls(), []);

  const status = await aws.run(["status", "--json"], { cwd });
  assert.equal(status.code, 0, status.stdout);
  assert.equal(status.json().state, "healthy");
  assert.equal(status.json().url, first.stdout);

  const destroyed = await aws.run(["destroy", "--yes", "--json"], { cwd });
  assert.equal(destroyed.code, 0, destroyed.stderr);
  assert.deepEqual(destroyed.json().remaining, []);
  assert.deepEqual(ofStack(await aws.state(), ...stack), {});
  assert.equal((await aws.run(["status"], { cwd })).code, 3);
});

test("deploy --json gives one document with url, release, image, changes, seconds and timeline", async (t) => {
  const cwd = await stackFolder(t);
  const ran = await deploy(cwd, "--json");
  const result = ran.json();
  assert.equal(result.version, 1);
  assert.deepEqual(result.stack, {
    name: "hello",
    environment: "test",
    region: "ap-southeast-2",
    account: "123456789012",
  });
  assert.equal(result.image, aws.baseImageId);
  assert.equal(result.release, aws.baseImageId);
  const changes = result.changes as { resource: string; action: string }[];
  assert.ok(changes.every(({ action }) => action === "create"));
  const timeline = result.timeline as { name: string; start: number; end: number }[];
  assert.ok(timeline.some(({ name, start, end }) => name === "load balancer" && end >= start));
  assert.ok((result.seconds as number) > 0);
});

test("without a terminal and without --yes nothing is changed, and it says so at once", async (t) => {
  const cwd = await stackFolder(t);
  await aws.calls();
  for (const command of [["deploy", "--image", aws.baseImageId]]) {
    const ran = await aws.run([...command, "--json"], { cwd });
    assert.equal(ran.code, 1);
    assert.equal(ran.json().error?.code, "needs-yes");
  }
  assert.deepEqual(await changingCalls(), []);
});

test("plan tells what deploy would do and changes nothing", async (t) => {
  const cwd = await stackFolder(t);
  await aws.calls();
  const plan = ["plan", "--image", aws.baseImageId];
  const before = await aws.run([...plan, "--json", "--detailed-exitcode"], { cwd });
  assert.equal(before.code, 2);
  const changes = before.json().changes as {
    resource: string;
    action: string;
    fields: Record<string, { to: unknown }>;
  }[];
  assert.equal(
    changes.find(({ resource }) => resource === "listener")?.fields.action?.to,
    "forward (known after deploy)",
  );
  assert.deepEqual(await changingCalls(), []);

  await deploy(cwd, "--no-wait");
  const afterwards = await aws.run([...plan, "--detailed-exitcode"], { cwd });
  assert.equal(afterwards.code, 0);
  assert.match(afterwards.stdout, /No changes/);
});

test("a deploy over a half-made stack completes it", async (t) => {
  const cwd = await stackFolder(t);
  await deploy(cwd);
  const whole = ofStack(await aws.state(), ...stack);
  await boto(aws.env, "elbv2", "delete_listener", { ListenerArn: whole.listener?.[0] });
  const group = { AutoScalingGroupName: "hello-test", ForceDelete: true };
  await boto(aws.env, "autoscaling", "delete_auto_scaling_group", group);

  const ran = await deploy(cwd);
  assert.equal(ran.code, 0, ran.stderr);
  const again = ofStack(await aws.state(), ...stack);
  assert.equal(again.listener?.length, 1);
  assert.equal(again["auto-scaling-group"]?.length, 1);
  assert.deepEqual(again["load-balancer"], whole["load-balancer"], "what was right is kept");
  await aws.calls();
  await deploy(cwd);
  assert.deepEqual(await changingCalls(), []);
});

test("destroy works with the config gone, and with one that has changed since", async (t) => {
  const cwd = await stackFolder(t);
  await deploy(cwd);
  const file = path.join(cwd, "config.json");
  const config = JSON.parse(await readFile(file, "utf8"));
  await writeFile(
    file,
    JSON.stringify({ ...config, app: { path: "nowhere", module: "gone:app" }, instances: { min: -1 } }),
  );
  assert.equal((await aws.run(["status"], { cwd })).code, 0);
  await rm(file);
  const ran = await aws.run(["destroy", "--yes", "--name", "hello", "--environment", "test"], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ofStack(await aws.state(), ...stack), {});
});

test("a namesake without our tags stops a deploy and is never touched", async (t) => {
  const cwd = await stackFolder(t);
  const theirs = { Name: "hello-test-tg", Protocol: "HTTP", Port: 80, VpcId: aws.vpcId };
  const made = await boto(aws.env, "elbv2", "create_target_group", theirs);
  const { TargetGroupArn } = made.TargetGroups[0];
  t.after(() => boto(aws.env, "elbv2", "delete_target_group", { TargetGroupArn }));

  await aws.calls();
  const ran = await deploy(cwd, "--json");
  assert.equal(ran.code, 1);
  assert.equal(ran.json().error?.code, "name-taken");
  assert.match(ran.stderr, /hello-test-tg/);
  assert.deepEqual(await changingCalls(), []);
  await aws.run(["destroy", "--yes"], { cwd });
  const state = await aws.state();
  assert.ok(state["target-group"]?.some(({ id }) => id === TargetGroupArn));
});

test("another environment of the same name comes through untouched", async (t) => {
  const cwd = await stackFolder(t);
  await deploy(cwd);
  const other = await deploy(cwd, "--environment", "prod");
  assert.equal(other.code, 0, other.stderr);
  t.after(() => aws.run(["destroy", "--yes", "--name", "hello", "--environment", "prod"]));
  const before = await aws.state();
  await aws.run(["destroy", "--yes"], { cwd });
  const state = await aws.state();
  assert.deepEqual(ofStack(state, ...stack), {});
  assert.deepEqual(ofStack(state, "hello", "prod"), ofStack(before, "hello", "prod"));
});

test("an image that is not there is told before anything is changed", async (t) => {
  const cwd = await stackFolder(t);
  await aws.calls();
  const ran = await aws.run(["deploy", "--yes", "--json", "--image", "ami-0123456789abcdef0"], { cwd });
  assert.equal(ran.code, 1);
  assert.equal(ran.json().error?.code, "image-not-found");
  assert.deepEqual(await changingCalls(), []);
});

test("no credentials, and no region: what to do, and no stack trace", async (t) => {
  const cwd = await stackFolder(t);
  const none = await multivac(["status", "--json"], { cwd, env: { AWS_ENDPOINT_URL: aws.endpoint } });
  assert.equal(none.code, 1);
  assert.equal(none.json().error?.code, "no-credentials");
  assert.doesNotMatch(none.stderr, /\n\s+at /);
  const config = JSON.parse(await readFile(path.join(cwd, "config.json"), "utf8"));
  await writeFile(path.join(cwd, "config.json"), JSON.stringify({ ...config, region: undefined }));
  const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...env } = aws.env;
  assert.equal((await multivac(["status", "--json"], { cwd, env })).json().error?.code, "no-region");
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  test(`${signal} stops in an orderly way with ${code}, and the same command goes on`, async (t) => {
    const cwd = await stackFolder(t);
    await aws.control("settings", { healthySeconds: 600 });
    t.after(() => aws.control("settings", { healthySeconds: 0.2 }));
    const args = ["deploy", "--yes", "--json", "--image", aws.baseImageId];
    const interrupted = await aws.run(args, { cwd, signal: { name: signal, when: /instances healthy: 0 of 1/ } });
    assert.equal(interrupted.code, code, interrupted.stderr);
    assert.equal(interrupted.json().error?.code, "interrupted");
    assert.match(interrupted.stderr, /Go on with: .*deploy --sandbox/);

    await aws.control("settings", { healthySeconds: 0.2 });
    await boto(aws.env, "autoscaling", "set_instance_health", {
      InstanceId: ofStack(await aws.state(), ...stack).instance?.[0],
      HealthStatus: "Unhealthy",
      ShouldRespectGracePeriod: false,
    });
    const again = await aws.run(args, { cwd });
    assert.equal(again.code, 0, again.stderr);
  });
}

test("two releases of one image after the other: rolled without a bake, the group takes the new version", async (t) => {
  const cwd = await stackFolder(t);
  await deploy(cwd);
  const file = path.join(cwd, "config.json");
  const config = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...config, app: { ...config.app, env: { GREETING: "two" } } }));
  const ran = await deploy(cwd, "--json");
  assert.equal(ran.code, 0, ran.stderr);
  const changes = ran.json().changes as { resource: string; action: string }[];
  assert.deepEqual(
    changes.filter(({ action }) => action !== "none").map(({ resource, action }) => `${action} ${resource}`),
    ["update launch-template", "roll auto-scaling-group"],
  );
  assert.doesNotMatch(ran.stdout + ran.stderr, /two/, "values of app.env are never shown");
  const [group] = (await aws.state())["auto-scaling-group"] ?? [];
  assert.equal(group?.raw.LaunchTemplate.Version, "2");
  assert.ok(
    group?.raw.Instances.every((one: { LaunchTemplate: { Version: string } }) => one.LaunchTemplate.Version === "2"),
  );
  await aws.calls();
  await deploy(cwd);
  assert.deepEqual(await changingCalls(), []);
});

test("deletionProtection refuses destroy before anything is changed, until it is taken off", async (t) => {
  const cwd = await stackFolder(t, { deletionProtection: true });
  const protectedStack = await deploy(cwd);
  assert.equal(protectedStack.code, 0, protectedStack.stderr);
  await aws.calls();
  const refused = await aws.run(["destroy", "--yes", "--json"], { cwd });
  assert.equal(refused.code, 1);
  assert.equal(refused.json().error?.code, "deletion-protected");
  assert.deepEqual(await changingCalls(), []);
  const file = path.join(cwd, "config.json");
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), deletionProtection: false }));
  assert.equal((await deploy(cwd)).code, 0);
  assert.equal((await aws.run(["destroy", "--yes"], { cwd })).code, 0);
});

test("an empty or wrong value of an option is a wrong call, not none", async (t) => {
  const cwd = await stackFolder(t);
  for (const args of [
    ["plan", "--image", ""],
    ["plan", "--image", "foo"],
    ["status", "--region", ""],
    ["destroy", "--environment", "*"],
  ]) {
    const ran = await aws.run([...args, "--json"], { cwd });
    assert.equal(ran.code, 1, args.join(" "));
    assert.equal(ran.json().error?.code, "wrong-call", args.join(" "));
  }
});

test("a reader of stderr that goes away does not end a deploy", async (t) => {
  const cwd = await stackFolder(t);
  const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd, closeStderr: true });
  assert.equal(ran.code, 0);
  assert.equal((await aws.run(["status"], { cwd })).code, 0);
});
