import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, type TestContext, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { fastClock } from "../errors/clock.ts";
import { assertEnds } from "../errors/documented.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** Changes that AWS cannot make in place: the new beside the old, the old gone once the new serves. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("replace", { machines: false });
});
after(() => aws?.stop());

test("another port: new target group and instances beside the old, then the listener switches, then the old go", async (t) => {
  const cwd = await temporaryFolder(t);
  const file = await writeConfig(cwd);
  t.after(() => aws.reset());
  const deploy = async (port: number, ...args: string[]) => {
    await writeFile(file, JSON.stringify({ ...goodConfig, app: { ...goodConfig.app, port } }));
    return await aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId, ...args], { cwd });
  };
  const first = await deploy(80);
  assert.equal(first.code, 0, first.stderr);
  const old = ofStack(await aws.state(), "hello", "test");

  for (const port of [8080, 80]) {
    await aws.calls();
    const changed = await deploy(port);
    assert.equal(changed.code, 0, changed.stderr);
    assert.equal(changed.json().url, first.json().url);
    const changes = changed.json().changes as { resource: string; action: string; why?: string }[];
    const actions = Object.fromEntries(changes.map(({ resource, action }) => [resource, action]));
    assert.equal(actions["target-group"], "replace");
    assert.equal(actions["auto-scaling-group"], "replace");
    assert.match(changes.find(({ action }) => action === "replace")?.why ?? "", /port.*beside it/);

    const calls = (await aws.calls()).filter(({ changing }) => changing).map(({ action }) => action);
    const switched = calls.lastIndexOf("ModifyListener");
    assert.ok(calls.indexOf("CreateAutoScalingGroup") < switched, "the new instances come before the switch");
    for (const late of ["DeleteAutoScalingGroup", "DeleteTargetGroup", "RevokeSecurityGroupIngress"]) {
      assert.ok(calls.indexOf(late) > switched, `${late} after the switch: ${calls.join(" ")}`);
    }

    const state = await aws.state();
    const now = ofStack(state, "hello", "test");
    for (const kind of ["target-group", "auto-scaling-group", "instance", "listener", "security-group"]) {
      assert.equal(now[kind]?.length, kind === "security-group" ? 2 : 1, kind);
    }
    assert.equal(state["target-group"]?.[0]?.raw.Port, port);
    const rules = await boto(aws.env, "ec2", "describe_security_groups", { GroupIds: now["security-group"] });
    const ports = rules.SecurityGroups.flatMap(
      (group: { IpPermissions: { FromPort: number; UserIdGroupPairs: object[] }[] }) =>
        group.IpPermissions.filter(({ UserIdGroupPairs }) => UserIdGroupPairs.length).map(({ FromPort }) => FromPort),
    );
    assert.deepEqual(ports, [port]);
    await aws.calls();
    await deploy(port);
    assert.deepEqual(
      (await aws.calls()).filter(({ changing }) => changing),
      [],
    );
  }
  assert.deepEqual(ofStack(await aws.state(), "hello", "test")["load-balancer"], old["load-balancer"]);
});

test("a change that failed half-way and is taken back: what was made beside the old goes, and is asked for no more", async (t) => {
  const cwd = await temporaryFolder(t);
  const file = await writeConfig(cwd);
  t.after(() => aws.reset());
  const deploy = async (port: number) => {
    await writeFile(file, JSON.stringify({ ...goodConfig, app: { ...goodConfig.app, port } }));
    return await aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId], { cwd });
  };
  const names = async () => (await aws.state())["target-group"]?.map(({ name }) => name).sort();
  assert.equal((await deploy(80)).code, 0);

  const rules = [{ action: "CreateAutoScalingGroup", agent: "multivac", fault: { kind: "refuse" } }];
  await aws.control("faults", { rules });
  const failed = await deploy(8080);
  await aws.control("faults", {});
  assert.equal(failed.code, 1, failed.stderr);
  assert.deepEqual(await names(), ["hello-test-tg", "hello-test-tg-b"]);

  const back = await deploy(80);
  assert.equal(back.code, 0, back.stderr);
  assert.deepEqual(await names(), ["hello-test-tg"]);
  await aws.calls();
  assert.equal((await deploy(80)).code, 0);
  const reads = (await aws.calls()).filter(({ action }) => action === "DescribeTargetGroups");
  assert.equal(reads.length, 1);
});

/** Deploys with one port after another, as far as AWS lets Auto Scaling groups be made. */
async function byPort(t: TestContext) {
  const cwd = await temporaryFolder(t);
  const file = await writeConfig(cwd);
  t.after(() => aws.reset());
  const refuse = [{ action: "CreateAutoScalingGroup", agent: "multivac", fault: { kind: "refuse" } }];
  return async (port: number, { refused = false, command = "deploy" } = {}) => {
    await writeFile(file, JSON.stringify({ ...goodConfig, app: { ...goodConfig.app, port } }));
    await aws.control("faults", refused ? { rules: refuse } : {});
    const ran = await aws.run([command, "--yes", "--json", "--image", aws.baseImageId], { cwd });
    const groups = ((await aws.state())["target-group"] ?? []).map(({ name, raw }) => `${name} ${raw.Port}`);
    return { ...ran, groups: groups.sort() };
  };
}

test("a third port before a change of the port was finished: change-unfinished, until that is finished or taken back", async (t) => {
  const deploy = await byPort(t);
  assert.equal((await deploy(80)).code, 0);
  assert.equal((await deploy(8080, { refused: true })).code, 1);
  const third = await deploy(3000);
  assertEnds(third, "change-unfinished", {
    cause: /hello-test-tg has .*port 80\.\n.*-tg-b has .*port 8080\.\n.*port 3000\./,
  });
  assert.deepEqual(third.groups, ["hello-test-tg 80", "hello-test-tg-b 8080"]);
  const finished = await deploy(8080);
  assert.equal(finished.code, 0, finished.stderr);
  const other = await deploy(3000);
  assert.equal(other.code, 0, other.stderr);
  assert.deepEqual(other.groups, ["hello-test-tg 3000"]);
});

test("the first name made beside the second and not finished: both are seen, and the one that is too many goes", async (t) => {
  const deploy = await byPort(t);
  for (const port of [80, 8080]) assert.equal((await deploy(port)).code, 0);
  const failed = await deploy(9090, { refused: true });
  assert.equal(failed.code, 1, failed.stderr);
  assert.deepEqual(failed.groups, ["hello-test-tg 9090", "hello-test-tg-b 8080"]);
  const planned = await deploy(8080, { command: "plan" });
  const changes = planned.json().changes as { resource: string; action: string; id?: string }[];
  const ofTargets = changes.filter(({ resource }) => resource === "target-group").map(({ action }) => action);
  assert.deepEqual(ofTargets, ["none", "delete"], "the one that serves is seen, and stays");
  const back = await deploy(8080);
  assert.equal(back.code, 0, back.stderr);
  assert.deepEqual(back.groups, ["hello-test-tg-b 8080"]);
  await aws.calls();
  assert.equal((await deploy(8080)).code, 0);
  assert.deepEqual(
    (await aws.calls()).filter(({ changing }) => changing),
    [],
  );
});

for (const [what, fault, says] of [
  ["do not get healthy", { settings: { answer: 500 } }, /\[500\]/],
  [
    "cannot be launched",
    { rules: [{ action: "RunInstances", agent: "autoscaling", fault: { kind: "capacity" } }] },
    /do not have sufficient/,
  ],
] as const) {
  test(`another port, and new instances that ${what}: exit code 4, the old ones serve, and nothing of the new is left`, async (t) => {
    const cwd = await temporaryFolder(t);
    const file = await writeConfig(cwd);
    t.after(() => aws.reset());
    const healthCheck = { intervalSeconds: 5, timeoutSeconds: 2, gracePeriodSeconds: 3 };
    const deploy = async (port: number) => {
      const config = { ...goodConfig, app: { ...goodConfig.app, port }, loadBalancer: { healthCheck } };
      await writeFile(file, JSON.stringify(config));
      return await aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId], { cwd });
    };
    assert.equal((await deploy(80)).code, 0);
    const old = ofStack(await aws.state(), "hello", "test");

    t.after(() => aws.control("settings", { answer: 200 }));
    if ("settings" in fault) await aws.control("settings", fault.settings);
    else await aws.control("faults", fault);
    const bad = await deploy(8080);
    await aws.control("faults", {});
    await aws.control("settings", { answer: 200 });
    assert.equal(bad.code, 4, bad.stderr);
    const { error, url, image } = bad.json();
    assert.equal(error?.code, "release-failed");
    assert.match(error?.cause ?? "", says);
    assert.match(`${url}`, /^http:/);
    assert.equal(image, aws.baseImageId);

    const state = await aws.state();
    assert.deepEqual(ofStack(state, "hello", "test"), old);
    const [listener] = state.listener ?? [];
    assert.equal(listener?.raw.DefaultActions[0].TargetGroupArn, old["target-group"]?.[0]);
    await aws.calls();
    const back = await deploy(80);
    assert.equal(back.code, 0, back.stderr);
    assert.deepEqual(
      (await aws.calls()).filter(({ changing }) => changing),
      [],
      "what served before is no change",
    );
  });
}

test("a site that does not answer from here: what was replaced goes all the same", async (t) => {
  const cwd = await temporaryFolder(t);
  const file = await writeConfig(cwd);
  t.after(() => aws.reset());
  // What answers without machines is 200 always.
  await aws.control("settings", { answer: 299 });
  t.after(() => aws.control("settings", { answer: 200 }));
  const healthCheck = { status: "299", gracePeriodSeconds: 7200 };
  const network = { vpcId: aws.vpcId, subnetIds: aws.subnetIds };
  for (const [port, kept] of [
    [80, "hello-test-tg"],
    [8080, "hello-test-tg-b"],
  ] as const) {
    const config = { ...goodConfig, network, app: { ...goodConfig.app, port }, loadBalancer: { healthCheck } };
    await writeFile(file, JSON.stringify(config));
    const command = ["deploy", "--yes", "--json", "--image", aws.baseImageId];
    const ran = await multivac(command, { cwd, env: { ...aws.env, ...fastClock(30) } });
    assert.equal(ran.code, 3, ran.stderr);
    assert.equal(ran.json().error?.code, "no-answer");
    assert.deepEqual(
      (await aws.state())["target-group"]?.map(({ name }) => name),
      [kept],
    );
  }
});
