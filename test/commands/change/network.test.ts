import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { goodConfig, multivac } from "../../command-line.ts";
import { ofStack, startSandbox, type TestSandbox } from "../../sandboxes.ts";
import { viewOf } from "./aws-view.ts";
import { assertPlanned, assertQuiet, deployAll, type Subject, subjectIn } from "./key-change.ts";
import { subnets, vpc } from "./network.ts";
import { makeNetworks, type TestNetwork } from "./networks.ts";

/** Other networks than the sandbox's own: the commands get its API as any other AWS, without `--sandbox`. */

let aws: TestSandbox;
let here: TestNetwork;
let there: TestNetwork;
before(async () => {
  aws = await startSandbox("change-network", { machines: false });
  [here, there] = (await makeNetworks(aws, 2)) as [TestNetwork, TestNetwork];
});
after(() => aws?.stop());

const outside: TestSandbox["run"] = (args, options) => multivac(args, { ...options, env: aws.env });
const image = () => ["--image", aws.baseImageId];
const within = ({ vpcId, subnets: all }: TestNetwork, ...names: string[]) => ({
  vpcId,
  subnetIds: names.map((name) => all[name] ?? ""),
});

async function deployed(t: TestContext, network: object, more: object = {}): Promise<Subject> {
  const subject = await subjectIn(t, outside, { ...goodConfig, network, ...more });
  t.after(() => outside(["destroy", "--yes", "--name", "hello", "--environment", "test"]));
  await subject.deploy(...image());
  return subject;
}

/** Fails when a request to the site does while the work is done. */
async function withoutFailure(url: unknown, work: () => Promise<void>): Promise<void> {
  const answers: unknown[] = [];
  let working = true;
  const asking = (async () => {
    while (working) {
      answers.push(await fetch(`${url}`).then(({ status }) => status, String));
      await sleep(50);
    }
  })();
  await work().finally(() => {
    working = false;
  });
  await asking;
  assert.deepEqual([...new Set(answers)], [200]);
  assert.ok(answers.length > 10);
}

test("network.subnetIds: out of the instance's zone, no request fails; within it, the instance stays", async (t) => {
  const subject = await deployed(t, within(here, "a", "b"));
  const view = await viewOf(aws);
  const zone = view.one("instance").raw.Placement.AvailabilityZone.slice(-1);
  const url = `http://${view.one("load-balancer").raw.DNSName}/`;
  const from = within(here, "a", "b");
  const others = within(here, ...["a", "b", "c"].filter((name) => name !== zone));

  await aws.calls();
  const away = { args: image(), replaced: ["instance", "volume"] };
  await withoutFailure(url, () => deployAll(t, aws, subject, [subnets(from, others)], away));
  const moved = (await viewOf(aws)).one("instance").raw;
  assert.ok(others.subnetIds.includes(moved.SubnetId), "the instance is in a zone that the config names");

  const same = within(here, ...["a", "b", "c"].filter((name) => name !== zone).map((name) => `${name}2`));
  await withoutFailure(url, () => deployAll(t, aws, subject, [subnets(others, same)], { args: image() }));
});

test("network.vpcId: all is made anew beside the old, which goes gently once the new serves; and back again", async (t) => {
  const networks = [within(here, "a", "b"), within(there, "a", "b")] as const;
  const subject = await deployed(t, networks[0]);
  for (const [from, to] of [networks, [networks[1], networks[0]] as const]) {
    const before = await viewOf(aws);
    await subject.write({ network: to });
    assertPlanned(await subject.plan(...image()), vpc(from, to).planned);
    await aws.calls();
    const ran = await subject.deploy(...image());
    assertPlanned(ran, vpc(from, to).planned);

    const calls = (await aws.calls()).filter(({ changing }) => changing).map(({ action }) => action);
    const order = ["CreateListener", "DeleteAutoScalingGroup", "DeleteListener", "DeleteLoadBalancer"];
    assert.deepEqual(
      calls.filter((action) => order.includes(action)),
      order,
      "instances have finished before the door closes",
    );
    const goes = calls.indexOf("UpdateAutoScalingGroup");
    const places = (verbs: RegExp) => calls.flatMap((action, at) => (verbs.test(action) ? [at] : []));
    assert.ok(Math.max(...places(/^(Create|Authorize)/)) < goes, calls.join(" "));
    assert.ok(Math.min(...places(/^Delete/)) > goes, calls.join(" "));

    const now = await viewOf(aws);
    const [held, wanted] = vpc(from, to).held ?? [];
    assert.deepEqual(held?.(now), wanted);
    const [was, is] = [before, now].map(({ state }) => ofStack(state, "hello", "test"));
    assert.deepEqual(is?.["launch-template"], was?.["launch-template"]);
    const { "launch-template": _, ...rest } = was ?? {};
    for (const [kind, ids] of Object.entries(rest)) {
      assert.equal(is?.[kind]?.length, ids.length, kind);
      assert.deepEqual(
        ids.filter((id) => is?.[kind]?.includes(id)),
        [],
        `${kind} is another one`,
      );
    }
    assert.notEqual(ran.json().url, `http://${before.one("load-balancer").raw.DNSName}/`);
    assert.equal((await fetch(`${ran.json().url}`)).status, 200);
    await assertQuiet(aws, subject, ...image());
  }
});

test("network.vpcId where nothing gets healthy: exit code 4, the site stays; with the config as it was the new goes", async (t) => {
  const check = { intervalSeconds: 5, timeoutSeconds: 2, gracePeriodSeconds: 0 };
  const subject = await deployed(t, within(here, "a", "b"), { loadBalancer: { healthCheck: check } });
  const before = await viewOf(aws);
  const url = `http://${before.one("load-balancer").raw.DNSName}/`;

  await subject.write({ network: within(there, "a", "b") });
  await aws.control("settings", { answer: 500 });
  t.after(() => aws.control("settings", { answer: 200 }));
  const failed = await outside(["deploy", "--yes", "--json", ...image()], { cwd: subject.cwd });
  assert.equal(failed.code, 4, failed.stderr);
  assert.deepEqual([failed.json().error?.code, failed.json().url], ["release-failed", url]);
  assert.match(failed.json().error?.cause ?? "", /\[500\]/);
  assert.equal((await fetch(url)).status, 200);

  await subject.write();
  await subject.deploy(...image());
  const { "launch-template": _, ...was } = ofStack(before.state, "hello", "test");
  const { "launch-template": __, ...is } = ofStack(await aws.state(), "hello", "test");
  assert.deepEqual(is, was);
  await assertQuiet(aws, subject, ...image());
});

test("network.vpcId of a protected stack is refused before anything is changed", async (t) => {
  const subject = await deployed(t, within(here, "a", "b"), { deletionProtection: true });
  await aws.calls();
  await subject.write({ network: within(there, "a", "b") });
  const refused = await outside(["deploy", "--yes", "--json", ...image()], { cwd: subject.cwd });
  assert.deepEqual([refused.code, refused.json().error?.code], [1, "deletion-protected"]);
  assert.deepEqual(
    (await aws.calls()).filter(({ changing }) => changing),
    [],
  );
  await subject.write({ deletionProtection: false });
  await subject.deploy(...image());
});
