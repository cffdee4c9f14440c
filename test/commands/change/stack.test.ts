import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { goodConfig, multivac } from "../../command-line.ts";
import { anyImage, defaultNetwork, startPlainMoto } from "../../plain-moto.ts";
import { ofStack, readState, startSandbox, type TestSandbox } from "../../sandboxes.ts";
import { assertPlanned, planEach, subjectIn, valuesOf } from "./key-change.ts";
import { checking, moving, naming } from "./stack.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("change-stack", { machines: false });
});
after(() => aws?.stop());

const outside: TestSandbox["run"] = (args, options) => multivac(args, { ...options, env: aws.env });

test("keys that say which stack it is: another one is made, the one before stays", async (t) => {
  const { vpcId, subnetIds } = aws;
  const subject = await subjectIn(t, aws.run, { ...goodConfig, network: { vpcId, subnetIds } });
  const args = ["--image", aws.baseImageId];
  await subject.deploy(...args);
  const { "launch-template": template, ...rest } = ofStack(await aws.state(), "hello", "test");
  await planEach(t, subject, naming, ...args);
  const plan = (...more: string[]) => outside(["plan", "--json", "--detailed-exitcode", ...more], { cwd: subject.cwd });
  await planEach(t, { ...subject, plan }, checking, ...args);

  await t.test("accountId: any other account is refused, before anything is changed", async () => {
    await subject.write({ accountId: "210987654321" });
    await aws.calls();
    const refused = await outside(["deploy", "--yes", "--json", ...args], { cwd: subject.cwd });
    assert.deepEqual([refused.code, refused.json().error?.code], [1, "wrong-account"]);
    assert.deepEqual(
      (await aws.calls()).filter(({ changing }) => changing),
      [],
    );
  });

  await t.test("the other stack stands beside the one before", async () => {
    await subject.write(valuesOf(naming));
    assertPlanned(await subject.deploy(...args), naming[0]?.planned ?? {});
    const state = await aws.state();
    assert.deepEqual(ofStack(state, "hello", "test"), { "launch-template": template, ...rest });
    assert.equal(ofStack(state, "other", "prod")["load-balancer"]?.length, 1);
  });
});

test("region: another stack is made there, the one here stays", async (t) => {
  const env = await startPlainMoto(t);
  const there = { ...env, AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "us-east-1" };
  const [network, image, networkThere, imageThere] = await Promise.all([
    defaultNetwork(env),
    anyImage(env),
    defaultNetwork(there),
    anyImage(there),
  ]);
  // The region is the config's, whatever the environment says.
  const run: TestSandbox["run"] = (args, options) => multivac(args, { ...options, env });
  const subject = await subjectIn(t, run, { ...goodConfig, network });
  await subject.deploy("--no-wait", "--image", image);
  const here = ofStack(await readState(env), "hello", "test");
  await planEach(t, subject, moving(networkThere), "--image", imageThere);
  await subject.deploy("--no-wait", "--image", imageThere);
  const [stays, made] = [await readState(env), await readState(there)].map((state) => ofStack(state, "hello", "test"));
  assert.deepEqual(stays, here);
  assert.deepEqual(Object.keys(made ?? {}), Object.keys(here));
  await subject.write();
  assertPlanned(await subject.plan("--image", image), {});
});
