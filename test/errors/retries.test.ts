import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { multivac, temporaryFolder } from "../command-line.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** How often a call that fails is sent, and which are not sent again. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("errors-retries", { machines: false });
});
after(() => aws?.stop());

const named = ["--name", "hello", "--environment", "test"];
const faults = (...rules: object[]) => aws.control("faults", { rules });

async function profile(t: TestContext, settings: string): Promise<Record<string, string>> {
  const file = path.join(await temporaryFolder(t), "config");
  const keys = "aws_access_key_id = sandbox\naws_secret_access_key = sandbox\n";
  await writeFile(file, `[default]\n${settings}\n[profile patient]\nmax_attempts = 4\n${keys}`);
  return { AWS_CONFIG_FILE: file };
}

/** How often GetCallerIdentity was sent by `status`, which it fails. */
async function attempts(env: Record<string, string>, ...args: string[]): Promise<number> {
  await aws.calls();
  const ran = await multivac(["status", ...named, ...args], { env: { ...aws.env, ...env } });
  assert.equal(ran.code, 1, ran.stderr);
  return (await aws.calls()).filter(({ action }) => action === "GetCallerIdentity").length;
}

test("a call is sent 8 times, or as often as AWS_MAX_ATTEMPTS or the profile's max_attempts say", async (t) => {
  t.after(() => faults());
  await faults({ action: "GetCallerIdentity", fault: { kind: "error" } });
  const two = await profile(t, "max_attempts = 2");
  assert.equal(await attempts({}), 8);
  assert.equal(await attempts({ AWS_MAX_ATTEMPTS: "3" }), 3);
  assert.equal(await attempts({ AWS_MAX_ATTEMPTS: "1" }), 1);
  assert.equal(await attempts(two), 2);
  assert.equal(await attempts({ ...two, AWS_MAX_ATTEMPTS: "3" }), 3, "the environment goes before the profile");
  assert.equal(await attempts(two, "--profile", "patient"), 4);
  assert.equal(await attempts({ AWS_RETRY_MODE: "adaptive", AWS_MAX_ATTEMPTS: "2" }), 2);
});

test("a refusal that will not pass is sent once", async (t) => {
  t.after(() => faults());
  for (const fault of [
    { kind: "expired" },
    { kind: "refuse", code: "AccessDenied" },
    { kind: "refuse", code: "ValidationError" },
    { kind: "quota", code: "SecurityGroupLimitExceeded" },
  ]) {
    await faults({ action: "GetCallerIdentity", fault });
    assert.equal(await attempts({}), 1, JSON.stringify(fault));
  }
});

test("calls side by side take no retries from each other", async (t) => {
  t.after(() => faults());
  // More than the 35 that the SDK lets all calls of a client have together.
  const reads = {
    DescribeSecurityGroups: 10,
    DescribeInstances: 10,
    DescribeTags: 10,
    DescribeLaunchTemplates: 10,
  };
  const rules = Object.entries(reads).map(([action, times]) => ({ action, times }));
  await faults(...rules.map((rule) => ({ ...rule, service: "ec2", agent: "multivac", fault: { kind: "error" } })));
  const ran = await multivac(["destroy", "--yes", "--json", ...named], {
    env: { ...aws.env, AWS_MAX_ATTEMPTS: "11" },
  });
  assert.equal(ran.code, 0, ran.stderr);
  const shown = await aws.faults();
  assert.deepEqual(
    shown.rules.map(({ fired }) => fired),
    Object.values(reads),
  );
});
