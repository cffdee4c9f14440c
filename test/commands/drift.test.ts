import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { type AwsState, startSandbox, type TestSandbox } from "../sandboxes.ts";
import { drifts, type Ids } from "./drifts.ts";

/** What somebody changes by hand on a running stack: plan shows it, deploy repairs it, a further plan is empty. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("drift", { machines: false });
});
after(() => aws?.stop());

interface Change {
  resource: string;
  action: string;
  fields?: Record<string, { from: unknown; to: unknown }>;
}

async function idsOf(state: AwsState): Promise<Ids> {
  const id = (kind: string, part: string) =>
    state[kind]?.find(({ tags }) => tags["multivac:name"] === "hello" && tags["multivac:resource"] === part)?.id ?? "";
  const launchTemplate = id("launch-template", "launch-template");
  const newest = { LaunchTemplateId: launchTemplate, Versions: ["$Latest"] };
  const { LaunchTemplateVersions } = await boto(aws.env, "ec2", "describe_launch_template_versions", newest);
  return {
    balancerGroup: id("security-group", "load-balancer-security-group"),
    instanceGroup: id("security-group", "instance-security-group"),
    loadBalancer: id("load-balancer", "load-balancer"),
    targetGroup: id("target-group", "target-group"),
    listener: id("listener", "listener"),
    launchTemplate,
    subnetId: aws.subnetIds[0] ?? "",
    templateData: LaunchTemplateVersions[0].LaunchTemplateData,
  };
}

/** `update target-group: healthCheck` */
const lines = (changes: unknown) =>
  (changes as Change[])
    .filter(({ action }) => action !== "none")
    .map(({ resource, action, fields = {} }) =>
      action === "create" ? `create ${resource}` : `${action} ${resource}: ${Object.keys(fields).sort().join(", ")}`,
    );

test("each kind of drift", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { tags: { team: "blue" }, instances: { min: 1, max: 3 }, app: goodConfig.app });
  t.after(() => aws.reset());
  const image = ["--image", aws.baseImageId];
  const plan = () => aws.run(["plan", ...image, "--detailed-exitcode", "--json"], { cwd });
  const deploy = async () => {
    const ran = await aws.run(["deploy", "--yes", "--json", ...image], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
  };
  await deploy();

  // What a repair has left would be in the plan after it, beside the next drift.
  for (const { what, byHand, planned } of [...drifts, { what: "nothing", byHand: () => [], planned: [] }]) {
    await t.test(what, async () => {
      for (const [service, operation, parameters] of byHand(await idsOf(await aws.state())))
        await boto(aws.env, service, operation, parameters);
      try {
        const shown = await plan();
        assert.deepEqual(lines(shown.json().changes), planned);
        assert.equal(shown.code, planned.length > 0 ? 2 : 0);
      } finally {
        if (planned.length > 0) await deploy();
      }
    });
  }
});

test("status names what differs from the config, but not by name alone, nor where the config is broken", async (t) => {
  const cwd = await temporaryFolder(t);
  const config = await writeConfig(cwd, { app: goodConfig.app });
  t.after(() => aws.reset());
  await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  const status = (...args: string[]) => aws.run(["status", ...args], { cwd });
  assert.equal((await status("--json")).json().drift, undefined);

  const { targetGroup, listener } = await idsOf(await aws.state());
  const check = { TargetGroupArn: targetGroup, HealthCheckPath: "/by-hand" };
  await boto(aws.env, "elbv2", "modify_target_group", check);
  await boto(aws.env, "elbv2", "delete_listener", { ListenerArn: listener });
  assert.deepEqual((await status("--json")).json().drift, ["target-group", "listener"]);
  assert.match((await status()).stdout, /differs from the config: target-group, listener/);

  const byName = await status("--json", "--name", "hello", "--environment", "test");
  assert.equal(byName.json().drift, undefined);
  await writeFile(config, JSON.stringify({ ...goodConfig, instances: { min: -1 } }));
  const broken = await status("--json");
  assert.deepEqual([broken.json().state, broken.json().drift], ["degraded", undefined]);
});
