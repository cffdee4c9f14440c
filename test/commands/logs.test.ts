import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, multivac, writeConfig } from "../command-line.ts";
import { assertEnds } from "../errors/documented.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** `logs` and `ssh` as far as they go without machines; test/sandbox/reach.test.ts has those. */

let aws: TestSandbox;
let cwd: string;
before(async () => {
  aws = await startSandbox("logs", { machines: false });
  cwd = await mkdtemp(path.join(tmpdir(), "multivac-"));
  await writeConfig(cwd, { ...goodConfig, instances: { min: 2, max: 2 } });
  const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
});
after(async () => {
  await aws?.stop();
  if (cwd) await rm(cwd, { recursive: true });
});

const named = ["--name", "hello", "--environment", "test"];
/** As an account is used, so that every way is tried. */
const onAws = ([command = "", ...args]: string[]) =>
  multivac([command, ...named, ...args], { env: { ...aws.env, XDG_STATE_HOME: cwd } });
const ids = async () => (await aws.state()).instance?.map(({ id }) => id) ?? [];

interface Read {
  id: string;
  way: string;
  truncated: boolean;
  lines: { time: string | null; source: string | null; message: string }[];
}

test("without a way to the journal logs shows the console, says so, and what the better ways lack", async () => {
  const ran = await onAws(["logs"]);
  assert.equal(ran.code, 0, ran.stderr);
  const [one = "", two = ""] = await ids();
  for (const id of [one, two]) assert.match(ran.stdout, new RegExp(`^${id} ${id} boots$`, "m"));
  assert.match(
    ran.stderr,
    /i-\w+, i-\w+: this is the console, its last 64 KB at most\. SSH: it has no key pair \(instances\.keyName\), nobody may use SSH \(instances\.sshFrom\)\. SSM: it has no instance profile \(instances\.instanceProfile\)\./,
  );

  const single = await onAws(["logs", "--instance", one, "--lines", "1", "--json", "--since", "10m"]);
  const { stack, instances } = single.json() as unknown as { stack: object; instances: Read[] };
  assert.deepEqual(stack, { name: "hello", environment: "test", region: "ap-southeast-2", account: "123456789012" });
  assert.deepEqual(
    instances.map(({ id, way, truncated, lines }) => ({ id, way, truncated, lines })),
    [
      {
        id: one,
        way: "console",
        truncated: false,
        lines: [{ time: null, source: null, message: `${one} boots` }],
      },
    ],
  );
  assert.match(single.stderr, /It has no times, so that --since does not count/);
  const begun = await onAws(["logs", "--instance", one.slice(0, -1), "--json"]);
  assert.equal((begun.json().instances as Read[])[0]?.id, one, "the beginning of an id is enough");
});

test("a way that was asked for and is not there is a failure, as is one that may not be used", async () => {
  const [id = ""] = await ids();
  for (const way of ["ssh", "ssm"]) {
    assertEnds(await onAws(["logs", "--json", "--way", way]), "no-way-in", { exit: 1, fix: /logs --way console/ });
    assertEnds(await onAws(["ssh", id, "--json", "--way", way, "--", "true"]), "no-way-in", { fix: /deploy/ });
  }
  assertEnds(await onAws(["logs", "--follow", "--json"]), "no-way-in", {
    exit: 1,
    cause: /keyName[\s\S]*instanceProfile/,
  });
  await aws.control("faults", { rules: [{ service: "ssm", fault: { kind: "refuse" } }] });
  const refused = await onAws(["logs"]);
  assert.equal(refused.code, 0, refused.stderr);
  assert.match(refused.stderr, /SSM: .*ssm:DescribeInstanceInformation/);
  await aws.control("faults", { rules: [{ action: "GetConsoleOutput", fault: { kind: "refuse" } }] });
  assertEnds(await onAws(["logs", "--json"]), "no-way-in", { cause: /Console: .*ec2:GetConsoleOutput/ });
  // A console is asked for twice: in whatever order the four calls come, one instance has both refused.
  await aws.control("faults", { rules: [{ action: "GetConsoleOutput", times: 3, fault: { kind: "refuse" } }] });
  const part = await onAws(["logs", "--json"]);
  assert.equal(part.code, 3, "one of two");
  assert.equal(part.json().error?.code, "no-way-in");
  assert.equal((part.json().instances as Read[]).length, 1);
  await aws.control("faults", {});
});

test("which instance: the one that is named, and no other than the stack's", async () => {
  const all = await ids();
  assertEnds(await aws.run(["logs", "--json", "--instance", "i-zz", ...named]), "instance-not-found", {
    exit: 1,
    cause: new RegExp(all.map((id) => `${id} \\(running\\)`).join(", ")),
    fix: /status --sandbox/,
  });
  assertEnds(await aws.run(["ssh", "i-", "--json", "--sandbox", ...named, "--", "true"]), "instance-not-found", {
    message: /more than one instance that begins i-/,
  });
  const which = await aws.run(["ssh", ...named]);
  assert.equal(which.code, 1);
  assert.match(which.stderr, new RegExp(`hello-test has 2 instances\\.\\n +${all[0]}`));
  assertEnds(
    await multivac(["ssh", "--json", "--sandbox", ...named, "--", "true"], { env: sandboxEnv }),
    "which-instance",
    {
      exit: 1,
      fix: /ssh i-\w+ --sandbox --name hello/,
    },
  );
  const { Instances } = await boto(aws.env, "ec2", "run_instances", {
    ImageId: aws.baseImageId,
    InstanceType: "t3.micro",
    SubnetId: aws.subnetIds[0],
    MinCount: 1,
    MaxCount: 1,
  });
  const foreign = Instances[0].InstanceId;
  assertEnds(await aws.run(["logs", "--json", "--instance", foreign, ...named]), "instance-not-found");
  await boto(aws.env, "ec2", "terminate_instances", { InstanceIds: [foreign] });
});

const sandboxEnv = { MULTIVAC_SANDBOX: "test-logs" };

test("wrong calls end before anything is read", async () => {
  await aws.calls();
  const wrong: [string[], RegExp][] = [
    [["logs", "--since", "yesterday"], /no time to begin/],
    [["logs", "--follow", "--way", "console"], /cannot be followed/],
    [["logs", "--way", "telnet"], /argument .telnet. is invalid/],
    [["logs", "--lines", "0"], /argument .0. is invalid/],
    [["ssh"], /no result to print as JSON/],
    [["ssh", "i-1", "uptime"], /uptime is too much/],
  ];
  for (const [args, message] of wrong) {
    const ran = await aws.run([...args, "--json", ...named]);
    assertEnds(ran, "wrong-call", { exit: 1, message });
  }
  assert.deepEqual(await aws.calls(), []);
  assertEnds(await aws.run(["logs", "--follow", "--json", ...named]), "wrong-call", { message: /cannot be followed/ });
});

test("a stack that is not there has no instances, nor has a sandbox that does not run", async () => {
  const down = { MULTIVAC_SANDBOX: "test-logs-none" };
  for (const args of [
    ["logs", "--json"],
    ["ssh", "--json", "--", "true"],
  ]) {
    const [command = "", ...rest] = args;
    const ran = await multivac([command, "--sandbox", "--name", "nobody", ...rest], { env: sandboxEnv });
    assertEnds(ran, "not-deployed", { exit: 1, fix: /deploy --sandbox/, cause: /no instances/ });
    const asleep = await multivac([command, "--sandbox", "--name", "nobody", ...rest], { env: down });
    assertEnds(asleep, "not-deployed", { exit: 1, cause: /not running/ });
  }
});
