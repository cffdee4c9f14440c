import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
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
