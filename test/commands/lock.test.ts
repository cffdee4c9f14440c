import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, type Ran, temporaryFolder, writeConfig } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { type Followed, startFollowing } from "../followed.ts";
import { makeImage } from "../releases.ts";
import { type AwsState, ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** One at a time: who holds a stack's lock, and what others do meanwhile. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("lock", { machines: false });
});
after(() => aws?.stop());

const lockName = "hello-test/lock";
const locks = (state: AwsState) => state["launch-template"]?.filter(({ name }) => name === lockName) ?? [];
const changing = async () => (await aws.calls()).filter((call) => call.changing).map(({ action }) => action);

/** The lock as a run on another machine would hold it. */
async function lockElsewhere(tags: Record<string, string> = {}): Promise<string> {
  const all = {
    "multivac:name": "hello",
    "multivac:environment": "test",
    "multivac:resource": "lock",
    "multivac:owner": "ada",
    "multivac:host": "far-away",
    "multivac:command": "deploy",
    "multivac:run": "https://ci.example/runs/7",
    "multivac:since": "2026-01-02T03:04:05.000Z",
    "multivac:heartbeat": "1",
    ...tags,
  };
  const made = await boto(aws.env, "ec2", "create_launch_template", {
    LaunchTemplateName: lockName,
    LaunchTemplateData: { InstanceType: "t3.micro" },
    TagSpecifications: [
      { ResourceType: "launch-template", Tags: Object.entries(all).map(([Key, Value]) => ({ Key, Value })) },
    ],
  });
  return made.LaunchTemplate.LaunchTemplateId;
}

const deleteLock = (LaunchTemplateId: string) => boto(aws.env, "ec2", "delete_launch_template", { LaunchTemplateId });

test("a stack that somebody changes is refused with who it is, left alone, and unlocked by hand", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  const id = await lockElsewhere();
  let beats = 1;
  const beating = setInterval(() => {
    const Tags = [{ Key: "multivac:heartbeat", Value: `${++beats}` }];
    boto(aws.env, "ec2", "create_tags", { Resources: [id], Tags }).catch(() => undefined);
  }, 1500);
  t.after(() => clearInterval(beating));
  await aws.calls();

  const refused = await aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId], { cwd });
  clearInterval(beating);
  assert.equal(refused.code, 5, refused.stderr);
  const { error } = refused.json();
  assert.equal(error?.code, "locked");
  assert.match(error?.cause ?? "", /ada on far-away with deploy, https:\/\/ci\.example\/runs\/7 since 2026-01-02/);
  assert.match(error?.fix ?? "", /--wait-lock.*\n.* unlock --sandbox --name hello --environment test/);
  assert.deepEqual(ofStack(await aws.state(), "hello", "test"), { "launch-template": [id] });

  const named = ["--name", "hello", "--environment", "test"];
  const asked = await aws.run(["unlock", ...named]);
  assert.deepEqual([asked.code, locks(await aws.state()).length], [1, 1], "asks first");
  const freed = await aws.run(["unlock", "--yes", "--json", ...named]);
  assert.equal(freed.code, 0, freed.stderr);
  assert.deepEqual((freed.json().freed as { id: string; owner: string }).id, id);
  assert.deepEqual(locks(await aws.state()), []);
  const again = await aws.run(["unlock", "--json", ...named]);
  assert.deepEqual([again.code, again.json().freed], [0, null]);
});

test("a namesake of the lock that is not the stack's stops a deploy", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  const id = await lockElsewhere({ "multivac:environment": "prod" });
  const ran = await aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId], { cwd });
  assert.deepEqual([ran.code, ran.json().error?.code], [1, "name-taken"], ran.stderr);
  assert.deepEqual(ofStack(await aws.state(), "hello", "test"), {});
  await deleteLock(id);
});

test("two at once, a deploy against a destroy, and what needs no lock", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app });
  const deploy = (...args: string[]) =>
    aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId, ...args], { cwd });
  await aws.control("settings", { healthySeconds: 600 });
  const both = [deploy(), deploy()];
  await Promise.race(both);
  await aws.control("settings", { healthySeconds: 0.2 });
  const [one, other] = (await Promise.all(both)) as [Ran, Ran];
  const [won, lost] = one.code === 0 ? [one, other] : [other, one];
  assert.deepEqual([won.code, lost.code], [0, 5], `${won.stderr}\n${lost.stderr}`);
  assert.equal(lost.json().error?.code, "locked");
  const first = await aws.state();
  assert.equal(first["auto-scaling-group"]?.length, 1);
  assert.deepEqual(locks(first), [], "it is freed");

  const id = await lockElsewhere();
  await aws.calls();
  const unchanged = await deploy();
  assert.equal(unchanged.code, 0, "nothing to change needs no lock");
  assert.equal((await aws.run(["status"], { cwd })).code, 0);
  assert.equal((await aws.run(["plan"], { cwd })).code, 0);
  assert.deepEqual(await changing(), []);
  await deleteLock(id);

  await writeConfig(cwd, { app: { ...goodConfig.app, env: { A: "1" } } });
  await aws.control("settings", { healthySeconds: 600 });
  const rolling = deploy();
  await eventually(async () => locks(await aws.state()).length > 0);
  const refused = await aws.run(["destroy", "--yes", "--json"], { cwd });
  assert.deepEqual([refused.code, refused.json().error?.code], [5, "locked"], refused.stderr);
  await aws.control("settings", { healthySeconds: 0.2 });
  assert.equal((await rolling).code, 0);

  const destroyed = await aws.run(["destroy", "--yes"], { cwd });
  assert.equal(destroyed.code, 0, destroyed.stderr);
  assert.deepEqual(ofStack(await aws.state(), "hello", "test"), {});
});

test("who waits for the lock looks again under it: what was agreed to is done, or refused", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app });
  t.after(() => aws.reset());
  const image = ["--image", aws.baseImageId];
  assert.equal((await aws.run(["deploy", "--yes", ...image], { cwd })).code, 0);
  await writeConfig(cwd, { app: goodConfig.app, loadBalancer: { deregistrationDelaySeconds: 7 } });
  const file = `${cwd}/plan.json`;
  await aws.run(["plan", ...image, "--out", file], { cwd });

  const id = await lockElsewhere();
  await aws.calls();
  const deploy = ["deploy", "--wait-lock", "--json", "--sandbox", "--config", `${cwd}/config.json`];
  const [planned, agreed] = [
    ["--plan", file],
    ["--yes", ...image],
  ].map((how) => startFollowing(t, [...deploy, ...how], { MULTIVAC_SANDBOX: aws.id })) as [Followed, Followed];
  for (const { until } of [planned, agreed]) await until(/lock: held by ada on far-away/);
  const [group] = (await aws.state())["target-group"] ?? [];
  await boto(aws.env, "elbv2", "modify_target_group", { TargetGroupArn: group?.id, HealthCheckPath: "/by-hand" });
  await deleteLock(id);
  assert.deepEqual([await planned.ended, planned.documents()[0].error?.code], [1, "plan-outdated"], planned.stderr());
  assert.equal(await agreed.ended, 0, agreed.stderr());
  assert.match(agreed.stderr(), /healthCheck/, "the plan that has become another is shown");
});

test("where an image is given, an app that is broken while the lock is waited for does not matter", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  t.after(() => aws.reset());
  const id = await lockElsewhere();
  const args = ["deploy", "--wait-lock", "--json", "--yes", "--image", aws.baseImageId, "--sandbox"];
  const waiting = startFollowing(t, [...args, "--config", `${cwd}/config.json`], { MULTIVAC_SANDBOX: aws.id });
  await waiting.until(/lock: held by ada on far-away/);
  await rm(`${cwd}/app/requirements.txt`);
  await deleteLock(id);
  assert.equal(await waiting.ended, 0, waiting.stderr());
});

test("the app is read again under the lock: what came while it was waited for is deployed", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app });
  t.after(() => aws.reset());
  assert.equal((await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd })).code, 0);
  const releaseNow = async () => {
    const { changes } = (await aws.run(["plan", "--json"], { cwd })).json();
    const of = (changes as { resource: string; fields: { release: { to: string } } }[]).find(
      ({ resource }) => resource === "image",
    );
    const release = of?.fields.release.to ?? "";
    await makeImage(aws, release);
    return release;
  };
  const added = path.join(cwd, "app/added.py");
  const before = await releaseNow();
  await writeFile(added, "added = True\n", { mode: 0o755 });
  const after = await releaseNow();
  assert.notEqual(after, before);
  await rm(added);

  const id = await lockElsewhere();
  await aws.calls();
  const waiting = aws.run(["deploy", "--wait-lock", "--json", "--yes"], { cwd });
  await eventually(async () => (await aws.calls()).some(({ action }) => action === "CreateLaunchTemplate"));
  await writeFile(added, "added = True\n", { mode: 0o755 });
  await deleteLock(id);
  const ran = await waiting;
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.json().release, after);
});

test("a killed holder's lock is taken over, and one that was freed stops its holder", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app });
  const deploy = ["deploy", "--yes", "--json", "--image", aws.baseImageId];
  const killed = await aws.run(deploy, { cwd, signal: { name: "SIGKILL", when: /✔ lock/ } });
  assert.equal(killed.code, -1);
  const [left] = locks(await aws.state());
  assert.ok(left, "a killed run leaves its lock");

  await aws.control("settings", { healthySeconds: 60 });
  const losing = aws.run(deploy, { cwd });
  const heldByOther = async () => locks(await aws.state()).filter(({ id }) => id !== left.id);
  await eventually(async () => (await heldByOther()).length > 0);
  await aws.run(["unlock", "--yes"], { cwd });
  const lost = await losing;
  assert.match(lost.stderr, /Taking over the lock of .* with deploy/);
  assert.deepEqual([lost.code, lost.json().error?.code], [5, "lock-lost"], lost.stderr);

  await aws.control("settings", { healthySeconds: 0.2 });
  assert.equal((await aws.run(["destroy", "--yes"], { cwd })).code, 0);
  assert.deepEqual(ofStack(await aws.state(), "hello", "test"), {});

  await aws.run(deploy, { cwd, signal: { name: "SIGKILL", when: /✔ lock/ } });
  assert.equal((await aws.run(["destroy", "--yes"], { cwd })).code, 0);
  assert.deepEqual(ofStack(await aws.state(), "hello", "test"), {}, "destroy takes a dead lock away too");
});
