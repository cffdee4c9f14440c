import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { temporaryFolder, writeConfig } from "../command-line.ts";
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
  await writeConfig(folder, changes);
  t.after(() => aws.reset());
  return folder;
}

test("deploy makes the stack as the contract says, a second changes nothing, destroy leaves nothing", async (t) => {
  const cwd = await stackFolder(t, {
    tags: { team: "blue" },
    instances: { sshFrom: ["203.0.113.0/24"], volumeGiB: 20, allowTo: ["tcp 443 0.0.0.0/0", "tcp 5432 10.0.0.0/16"] },
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
  const outward = peers(instanceGroup?.raw.IpPermissionsEgress);
  assert.deepEqual(outward, ["tcp 443 0.0.0.0/0", "tcp 5432 10.0.0.0/16"], "egress is restricted");

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

test("plan tells what deploy would do and changes nothing; deploy --json gives one document of what it did", async (t) => {
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
  const made = result.changes as { resource: string; action: string }[];
  assert.ok(made.every(({ action }) => action === "create"));
  const timeline = result.timeline as { name: string; start: number; end: number }[];
  assert.ok(timeline.some(({ name, start, end }) => name === "load balancer" && end >= start));
  assert.ok((result.seconds as number) > 0);
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

test("a reader of stderr that goes away does not end a deploy", async (t) => {
  const cwd = await stackFolder(t);
  const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd, closeStderr: true });
  assert.equal(ran.code, 0);
  assert.equal((await aws.run(["status"], { cwd })).code, 0);
});
