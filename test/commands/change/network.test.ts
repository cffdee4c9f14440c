import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { boto } from "../../boto3.ts";
import { goodConfig, multivac } from "../../command-line.ts";
import { ofStack, startSandbox, type TestSandbox } from "../../sandboxes.ts";
import { type AwsView, viewOf } from "./aws-view.ts";
import { assertPlanned, assertQuiet, deployAll, subjectIn } from "./key-change.ts";
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
const within = ({ vpcId, subnets: all }: TestNetwork, ...names: string[]) => ({
  vpcId,
  subnetIds: names.map((name) => all[name] ?? ""),
});
const urlOf = ({ one }: AwsView) => `http://${one("load-balancer").raw.DNSName}/`;

/** Fails when a request to the site does while the work is done. */
async function withoutFailure(url: string, work: () => Promise<void>): Promise<void> {
  const answers: unknown[] = [];
  let working = true;
  const asking = (async () => {
    while (working) {
      answers.push(await fetch(url).then(({ status }) => status, String));
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

test("keys of the network", async (t) => {
  const args = ["--image", aws.baseImageId];
  const healthCheck = { intervalSeconds: 5, timeoutSeconds: 2, gracePeriodSeconds: 0 };
  const home = within(here, "a", "b");
  const subject = await subjectIn(t, outside, { ...goodConfig, network: home, loadBalancer: { healthCheck } });
  await subject.deploy(...args);
  const first = await viewOf(aws);
  const zone = first.one("instance").raw.Placement.AvailabilityZone.slice(-1);
  const others = ["a", "b", "c"].filter((name) => name !== zone);
  const [moved, same] = [within(here, ...others), within(here, ...others.map((name) => `${name}2`))];

  await t.test("network.subnetIds: out of the instance's zone, no request fails", async (inner) => {
    // Longer than the tool's own calls take: it has to wait for the new instance.
    await aws.control("settings", { healthySeconds: 4 });
    inner.after(() => aws.control("settings", { healthySeconds: 0.2 }));
    const all = { args, replaced: ["instance", "volume", "network-interface"] };
    await withoutFailure(urlOf(first), () => deployAll(inner, aws, subject, [subnets(home, moved)], all));
    const { SubnetId } = (await viewOf(aws)).one("instance").raw;
    assert.ok(moved.subnetIds.includes(SubnetId), "the instance is in a zone that the config names");
  });

  await t.test("network.subnetIds: other ones in the same zones, the instance stays", async (inner) => {
    await withoutFailure(urlOf(first), () => deployAll(inner, aws, subject, [subnets(moved, same)], { args }));
  });
  subject.config.network = same;
  const elsewhere = within(there, "a", "b");
  const before = await viewOf(aws);

  await t.test("network.vpcId: a protected stack refuses", async () => {
    const protect = (Value: string) =>
      boto(aws.env, "elbv2", "modify_load_balancer_attributes", {
        LoadBalancerArn: before.one("load-balancer").id,
        Attributes: [{ Key: "deletion_protection.enabled", Value }],
      });
    await protect("true");
    await subject.write({ network: elsewhere });
    const refused = await subject.plan(...args);
    assert.deepEqual([refused.code, refused.json().error?.code], [1, "deletion-protected"]);
    await protect("false");
  });

  await t.test(
    "network.vpcId: nothing gets healthy there, exit code 4, the site stays, the way back",
    async (inner) => {
      // At the health check's own pace: the group replaces what fails no faster than on AWS.
      await aws.control("settings", { answer: 500, healthCheckSeconds: null });
      inner.after(() => aws.control("settings", { answer: 200, healthCheckSeconds: 0.1 }));
      const failed = await outside(["deploy", "--yes", "--json", ...args], { cwd: subject.cwd });
      assert.equal(failed.code, 4, failed.stderr);
      assert.deepEqual([failed.json().error?.code, failed.json().url], ["release-failed", urlOf(before)]);
      assert.match(failed.json().error?.cause ?? "", /\[500\]/);
      assert.equal((await fetch(urlOf(before))).status, 200);

      await subject.write();
      await subject.deploy(...args);
      assert.deepEqual(ofStack(await aws.state(), "hello", "test"), ofStack(before.state, "hello", "test"));
      await assertQuiet(aws, subject, ...args);
    },
  );

  await t.test("network.vpcId: all is made anew beside the old, which goes gently once the new serves", async () => {
    await subject.write({ network: elsewhere });
    const change = vpc(same, elsewhere);
    await aws.calls();
    const ran = await subject.deploy(...args);
    assertPlanned(ran, change.planned);
    const calls = (await aws.calls()).filter(({ changing }) => changing).map(({ action }) => action);
    const order = ["CreateListener", "DeleteAutoScalingGroup", "DeleteListener", "DeleteLoadBalancer"];
    const ordered = calls.filter((action) => order.includes(action));
    assert.deepEqual(ordered, order, "instances have finished before the door closes");
    const goes = calls.lastIndexOf("UpdateAutoScalingGroup");
    const places = (verbs: RegExp) => calls.flatMap((action, at) => (verbs.test(action) ? [at] : []));
    assert.ok(Math.max(...places(/^(Create|Authorize)/)) < goes, calls.join(" "));
    assert.ok(Math.min(...places(/^Delete/)) > goes, calls.join(" "));

    const now = await viewOf(aws);
    assert.deepEqual(change.held?.[0](now), change.held?.[1]);
    const [was, is] = [before, now].map(({ state }) => ofStack(state, "hello", "test"));
    for (const [kind, ids] of Object.entries(was ?? {})) {
      assert.equal(is?.[kind]?.length, ids.length, kind);
      const stays = ids.filter((id) => is?.[kind]?.includes(id));
      assert.deepEqual(stays, kind === "launch-template" ? ids : [], kind);
    }
    assert.equal(ran.json().url, urlOf(now));
    assert.notEqual(urlOf(now), urlOf(before));
    assert.equal((await fetch(urlOf(now))).status, 200);
    await assertQuiet(aws, subject, ...args);
  });
});
