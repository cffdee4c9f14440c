import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, multivac, type Ran, temporaryFolder, writeConfig } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { makeImage } from "../releases.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** `events`, on the AWS API without machines, through the life of a stack. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("events", { machines: false });
});
after(() => aws?.stop());

interface StackEvent {
  time: string;
  kind: string;
  what: string;
  id?: string;
  release?: string;
  cause?: string;
  details?: string;
  status?: string;
  by?: string;
}

const named = ["--name", "hello", "--environment", "test"];
const list = (ran: Ran) => ran.json().events as StackEvent[];
const events = async (...args: string[]) => list(await aws.run(["events", "--json", ...named, ...args]));
const healthCheck = { intervalSeconds: 5, timeoutSeconds: 2, gracePeriodSeconds: 6 };

test("events tells bakes, deploys, rolls, launches and rollbacks in order, also after the stack is gone", async (t) => {
  const cwd = await temporaryFolder(t);
  const file = await writeConfig(cwd, { loadBalancer: { healthCheck } });
  t.after(() => aws.reset());
  const deploy = async (image: string, env: Record<string, string> = {}) => {
    await writeFile(
      file,
      JSON.stringify({ ...goodConfig, app: { ...goodConfig.app, env }, loadBalancer: { healthCheck } }),
    );
    return await aws.run(["deploy", "--yes", "--image", image], { cwd });
  };
  assert.equal((await deploy(aws.baseImageId)).code, 0);
  const first = await makeImage(aws, "aaaaaaaaaaaa", {
    "multivac:commit": "0123456789abcdef",
    "multivac:dirty": "true",
  });
  assert.equal((await deploy(first)).code, 0);
  const second = await makeImage(aws, "bbbbbbbbbbbb");
  assert.equal((await deploy(second)).code, 0);
  assert.equal((await aws.run(["rollback", "--yes"], { cwd })).code, 0);
  await aws.control("settings", { answer: 500 });
  assert.equal((await deploy(first, { A: "1" })).code, 4);
  await aws.control("settings", { answer: 200 });

  await aws.calls();
  const ran = await aws.run(["events", "--json", ...named]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(
    (await aws.calls()).filter(({ changing }) => changing),
    [],
  );
  const { version, stack } = ran.json();
  assert.equal(version, 1);
  assert.deepEqual(stack, { name: "hello", environment: "test", region: "ap-southeast-2", account: "123456789012" });
  const all = list(ran);
  const times = all.map(({ time }) => time);
  assert.deepEqual(times, [...times].sort());
  for (const time of times) assert.equal(new Date(time).toISOString(), time);

  const told = (...kinds: string[]) =>
    all.filter(({ kind }) => kinds.includes(kind)).map(({ kind, release, cause }) => [kind, release, cause]);
  assert.deepEqual(told("bake"), [
    ["bake", "aaaaaaaaaaaa", "commit 0123456789ab and changes"],
    ["bake", "bbbbbbbbbbbb", undefined],
  ]);
  // A failed deploy's version is deleted, and only its roll tells of it.
  assert.deepEqual(
    told("deploy", "rollback").filter(([, release]) => release !== aws.baseImageId),
    [
      ["deploy", "aaaaaaaaaaaa", `after ${aws.baseImageId}`],
      ["deploy", "bbbbbbbbbbbb", "after aaaaaaaaaaaa"],
      ["rollback", "aaaaaaaaaaaa", "after bbbbbbbbbbbb"],
      ["rollback", "aaaaaaaaaaaa", "Rolled back due to user request."],
    ],
  );
  assert.ok(all.filter(({ kind }) => kind === "deploy").every(({ by }) => by?.startsWith("arn:aws:iam::")));
  const ends = all.filter(({ kind }) => kind === "roll-end").map(({ release, status }) => [release, status]);
  assert.deepEqual(ends, [
    ["aaaaaaaaaaaa", "Successful"],
    ["bbbbbbbbbbbb", "Successful"],
    ["aaaaaaaaaaaa", "Successful"],
    ["aaaaaaaaaaaa", "RollbackSuccessful"],
  ]);
  const launches = all.filter(({ kind }) => kind === "launch");
  assert.deepEqual(
    launches.slice(0, 3).map(({ release }) => release),
    [aws.baseImageId, "aaaaaaaaaaaa", "bbbbbbbbbbbb"],
  );
  assert.match(launches[0]?.cause ?? "", /^a user request created an AutoScalingGroup/);
  assert.equal(launches[1]?.cause, "an instance refresh");
  assert.match(
    launches[1]?.details ?? "",
    /^At \d{4}-\S+Z an instance was launched in response to an instance refresh\.$/,
  );
  const { Activities } = await boto(aws.env, "autoscaling", "describe_scaling_activities", {});
  assert.deepEqual(
    all
      .filter(({ kind }) => ["launch", "termination"].includes(kind))
      .map(({ what }) => what.split(" ").at(-1))
      .sort(),
    Activities.map(({ Description }: { Description: string }) => Description.split(" ").at(-1)).sort(),
    "every activity once",
  );

  await aws.run(["destroy", "--yes", ...named]);
  const after = await events();
  assert.deepEqual([...new Set(after.map(({ kind }) => kind))].sort(), ["launch", "termination"]);
  assert.match(after.at(-1)?.cause ?? "", /force-deleted/);
});

test("a line each, newest last, in the machine's time; only since then; NO_COLOR", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  t.after(() => aws.reset());
  t.after(() => aws.control("faults", {}));
  await aws.control("faults", {
    rules: [{ action: "RunInstances", agent: "autoscaling", times: 1, fault: { kind: "capacity" } }],
  });
  assert.equal((await aws.run(["deploy", "--yes", "--no-wait", "--image", aws.baseImageId], { cwd })).code, 0);
  const all = await eventually(async () => {
    const told = await events();
    return told.some(({ what }) => what.startsWith("launched")) && told;
  });
  const run = (args: string[], env: Record<string, string> = {}) =>
    multivac([...args, "--sandbox"], { cwd, env: { MULTIVAC_SANDBOX: aws.id, TZ: "Asia/Tokyo", ...env } });

  const coloured = await run(["events"], { FORCE_COLOR: "1" });
  assert.ok(coloured.stdout.includes("\u001b[31m"), "red for what failed");
  const plain = await run(["events"], { FORCE_COLOR: "1", NO_COLOR: "1" });
  assert.equal(plain.code, 0, plain.stderr);
  assert.ok(!plain.stdout.includes("\u001b["));
  const [title, head, ...lines] = plain.stdout.split("\n");
  assert.equal(title, "hello-test  times of Asia/Tokyo");
  const unnamed = await run(["events"], { TZ: "JST-9" });
  assert.match(unnamed.stdout, /^hello-test {2}times of UTC\+09:00$/m, "a zone of POSIX has no name");
  assert.match(head ?? "", /^time +release +what +why$/);
  assert.equal(lines.length, all.length, plain.stdout);
  const local = new Date(Date.parse(all[0]?.time ?? "") + 9 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
  assert.ok(lines[0]?.startsWith(`${local}  `), lines[0]);
  const what = (head ?? "").indexOf("what");
  for (const line of lines) assert.match(line.slice(what - 2), /^ {2}\S/, "one column below the other");
  assert.ok(
    lines.some((line) =>
      /could not launch an instance .*InsufficientInstanceCapacity|could not launch .*capacity/i.test(line),
    ),
    plain.stdout,
  );

  assert.deepEqual(await events("--since", "2h"), all);
  const last = all.at(-1)?.time ?? "";
  assert.deepEqual(
    await events("--since", last),
    all.filter(({ time }) => time >= last),
  );
  const none = await aws.run(["events", "--since", new Date().toISOString()], { cwd });
  assert.match(
    none.stdout,
    /^Nothing has happened to hello-test since \S+ \S+\. All that AWS knows: .* events --sandbox$/,
  );
});

test("an instance that is launched while events are read has its release too", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { instances: { min: 1, max: 2 } });
  t.after(() => aws.reset());
  t.after(() => aws.control("faults", {}));
  assert.equal((await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd })).code, 0);
  const rule = { action: "DescribeScalingActivities", agent: "multivac", times: 1, fault: { kind: "hold" } };
  await aws.control("faults", { rules: [rule] });
  const reading = events();
  await aws.held();
  const settings = { AutoScalingGroupName: "hello-test", DesiredCapacity: 2 };
  await boto(aws.env, "autoscaling", "set_desired_capacity", settings);
  await eventually(async () => {
    const [group] = (await aws.state())["auto-scaling-group"] ?? [];
    return group?.raw.Instances.length === 2;
  });
  await aws.control("faults", {});
  const launches = (await reading).filter(({ kind }) => kind === "launch");
  assert.deepEqual(
    launches.map(({ release }) => release),
    [aws.baseImageId, aws.baseImageId],
  );
});

test("a wrong --since is refused; nobody's and others' stacks have no events, nor has a sandbox that is not running", async (t) => {
  const cwd = await temporaryFolder(t);
  const wrong = await aws.run(["events", "--json", "--since", "yesterday", ...named], { cwd });
  assert.equal(wrong.code, 1);
  assert.equal(wrong.json().error?.code, "wrong-call");

  t.after(() => aws.reset());
  await boto(aws.env, "ec2", "create_launch_template", {
    LaunchTemplateName: "theirs",
    LaunchTemplateData: { ImageId: aws.baseImageId, InstanceType: "t3.micro" },
  });
  await boto(aws.env, "autoscaling", "create_auto_scaling_group", {
    AutoScalingGroupName: "hello-test",
    LaunchTemplate: { LaunchTemplateName: "theirs", Version: "1" },
    MinSize: 1,
    MaxSize: 1,
    VPCZoneIdentifier: aws.subnetIds[0],
  });
  const { Activities } = await boto(aws.env, "autoscaling", "describe_scaling_activities", {});
  assert.equal(Activities.length, 1);
  assert.deepEqual(await events(), []);
  assert.match(
    (await aws.run(["events", ...named])).stdout,
    /^AWS knows of nothing that has happened to hello-test\.$/,
  );
  const env = { MULTIVAC_SANDBOX: "test-events-down" };
  const down = await multivac(["events", "--sandbox", "--json", ...named], { cwd, env });
  assert.equal(down.code, 0, down.stderr);
  assert.deepEqual(down.json().events, []);
});
