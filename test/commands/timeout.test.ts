import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** What takes too long ends with what was seen last, and goes on with the same command. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("timeout", { machines: false });
});
after(() => aws?.stop());

test("a load balancer that stays provisioning, instances that do not come up, a deletion that lasts", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app });
  const deploy = ["deploy", "--yes", "--json", "--image", aws.baseImageId];
  const env = { NODE_OPTIONS: `--import ${new URL("../time-over.mjs", import.meta.url)}` };
  const over = (when: RegExp) => ({ cwd, env, signal: { name: "SIGUSR2", when } as const });
  await aws.control("settings", { loadBalancerSeconds: 600, healthySeconds: 600, interfaceSeconds: 600 });
  const waiting =
    /load balancer active: provisioning[\s\S]*instances healthy: 0 of 1|instances healthy: 0 of 1[\s\S]*load balancer active: provisioning/;
  const first = await aws.run([...deploy, "--timeout", "10"], over(waiting));
  assert.equal(first.code, 3, first.stderr);
  const { error, url, changes } = first.json();
  assert.equal(error?.code, "timed-out");
  assert.match(error?.cause ?? "", /load balancer active/);
  assert.match(error?.cause ?? "", /instances healthy/);
  assert.match(error?.fix ?? "", /deploy .*--sandbox/);
  assert.ok(url && changes, "with the result so far");
  assert.ok(!(await aws.state())["launch-template"]?.some(({ name }) => name?.endsWith("/lock")), "the lock is free");

  await aws.control("settings", { loadBalancerSeconds: 0.2, healthySeconds: 0.2 });
  const second = await aws.run(deploy, { cwd });
  assert.equal(second.code, 0, second.stderr);
  const short = await aws.run(
    ["destroy", "--yes", "--json", "--timeout", "10"],
    over(/security group.*waiting for eni/),
  );
  assert.deepEqual([short.code, short.json().error?.code], [3, "timed-out"], short.stderr);
  const { deleted, remaining } = short.json() as unknown as { deleted: unknown[]; remaining: { why: string }[] };
  assert.ok(deleted.length > 0 && remaining.length > 0, "with what is gone and what is left");
  await aws.control("settings", { interfaceSeconds: 0.3 });
  const rest = await aws.run(["destroy", "--yes"], { cwd });
  assert.equal(rest.code, 0, rest.stderr);
  assert.deepEqual(ofStack(await aws.state(), "hello", "test"), {});
});

test("a time limit that is none is a wrong call", async () => {
  for (const value of ["0", "-1", "soon", ""]) {
    const ran = await multivac(["deploy", "--json", `--timeout=${value}`]);
    assert.deepEqual([ran.code, ran.json().error?.code], [1, "wrong-call"], value);
  }
});
