import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** Many stacks from one config, on the AWS API without machines. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("environments", { machines: false });
});
after(() => aws?.stop());

const prodOnly = { app: { env: { GREETING: "prod" } }, instances: { min: 2, max: 4 }, tags: { stage: "live" } };

test("dev and prod of one config live side by side, each as its part says, and one goes without the other", async (t) => {
  const cwd = await temporaryFolder(t);
  t.after(() => aws.reset());
  await writeConfig(cwd, { environment: "dev", tags: { team: "blue" }, environments: { prod: prodOnly, stage: {} } });
  const run = (command: string, ...args: string[]) => aws.run([command, "--json", ...args], { cwd });
  const deploy = (...args: string[]) => run("deploy", "--yes", "--image", aws.baseImageId, ...args);

  const ran = await Promise.all([deploy(), deploy("-e", "prod")]);
  for (const { code, stderr } of ran) assert.equal(code, 0, stderr);
  assert.match(ran[1].stderr, /status --sandbox --environment prod$/m, "the hints lead there");
  const state = await aws.state();
  const [dev, prod] = ["dev", "prod"].map((environment) => {
    const [group] = (state["auto-scaling-group"] ?? []).filter(({ id }) => id.endsWith(`hello-${environment}`));
    const { "multivac:name": _, ...tags } = group?.tags ?? {};
    return { min: group?.raw.MinSize, max: group?.raw.MaxSize, team: tags.team, stage: tags.stage };
  });
  assert.deepEqual(dev, { min: 1, max: 1, team: "blue", stage: undefined });
  assert.deepEqual(prod, { min: 2, max: 4, team: "blue", stage: "live" });
  for (const environment of ["dev", "prod"])
    assert.equal(ofStack(state, "hello", environment)["load-balancer"]?.length, 1);

  const status = await run("status", "-e", "prod");
  assert.equal(status.code, 0, status.stderr);
  assert.equal(status.json().drift, undefined, "compared with its own part of the config");
  const again = await deploy("-e", "prod");
  assert.ok((again.json().changes as { action: string }[]).every(({ action }) => action === "none"));

  const destroyed = await run("destroy", "--yes");
  assert.equal(destroyed.code, 0, destroyed.stderr);
  const left = await aws.state();
  assert.deepEqual(ofStack(left, "hello", "dev"), {});
  assert.deepEqual(ofStack(left, "hello", "prod"), ofStack(state, "hello", "prod"));
});

test("a saved plan holds while another environment changes, and not when its own or the rest does", async (t) => {
  const cwd = await temporaryFolder(t);
  t.after(() => aws.reset());
  const write = (prod: object, stage: object, rest: object = {}) =>
    writeFile(
      path.join(cwd, "config.json"),
      JSON.stringify({ ...goodConfig, ...rest, environments: { prod, stage, test: {} } }),
    );
  await writeConfig(cwd);
  await write({ instances: { max: 2 } }, {});
  const planned = ["plan", "--image", aws.baseImageId, "--out", "plan.json", "-e", "prod"];
  assert.equal((await aws.run(planned, { cwd })).code, 0);
  const deploy = () => aws.run(["deploy", "--plan", "plan.json", "--json", "-e", "prod"], { cwd });
  const cause = async () => (await deploy()).json().error?.cause ?? "";

  await write({ instances: { max: 3 } }, {});
  assert.match(await cause(), /The config has changed/);
  await write({ instances: { max: 2 } }, {}, { tags: { team: "blue" } });
  assert.match(await cause(), /The config has changed/);
  const other = await aws.run(["deploy", "--plan", "plan.json", "--json", "-e", "stage"], { cwd });
  assert.equal(other.json().error?.code, "plan-of-another-stack", "the config may be another, but so is the stack");

  await write({ instances: { max: 2 } }, { instances: { max: 9 }, app: { env: { A: "1" } } });
  const ran = await deploy();
  assert.equal(ran.code, 0, ran.stderr);
});

test("commands from tags take region, account and protection of the environment that is chosen", async (t) => {
  const cwd = await temporaryFolder(t);
  t.after(() => aws.reset());
  const region = "ap-southeast-2";
  const environments = {
    prod: { region },
    other: { region, accountId: "999999999999" },
    dev: { instances: { mim: 1 } },
  };
  await writeConfig(cwd, { region: "eu-west-1", environments });
  const run = (args: string[]) => multivac([...args, "--json"], { cwd, env: aws.env });

  const [there, elsewhere, account] = await Promise.all(
    [["-e", "prod"], [], ["-e", "other"]].map((args) => run(["releases", ...args])),
  );
  const stack = { name: "hello", environment: "prod", region, account: "123456789012" };
  assert.deepEqual(there?.json().stack, stack, "what else is wrong in the file does not matter");
  assert.match(elsewhere?.json().error?.cause ?? "", /eu-west-1/, "the sandbox is in another region");
  assert.equal(account?.json().error?.code, "wrong-account");

  const sandbox = (...args: string[]) => aws.run([...args, "--json", "--yes"], { cwd });
  await writeConfig(cwd, { environments: { stage: { deletionProtection: true } } });
  assert.equal((await sandbox("deploy", "-e", "stage", "--no-wait", "--image", aws.baseImageId)).code, 0);
  assert.match(
    (await sandbox("destroy", "-e", "stage")).json().error?.cause ?? "",
    /the config: deletionProtection is true/,
  );

  await writeConfig(cwd, { environments: { prod: { region: "nowhere" }, stage: 3 } });
  assert.match(
    (await run(["status", "-e", "prod"])).json().error?.cause ?? "",
    /^environments\.prod\.region: expected/,
  );
  assert.match(
    (await run(["status", "-e", "stage"])).json().error?.cause ?? "",
    /^environments\.stage: expected an object/,
  );
});
