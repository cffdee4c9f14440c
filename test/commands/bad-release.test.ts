import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { boto } from "../boto3.ts";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** A release that does not get healthy, on the AWS API without machines: how its instances answer is told. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("bad", { machines: false });
});
after(() => aws?.stop());

const healthCheck = { intervalSeconds: 5, timeoutSeconds: 2, gracePeriodSeconds: 6 };

for (const [what, answer, reason] of [
  ["answers 500", 500, /\[500\]/],
  ["does not answer in time", "timeout", /timed out/i],
  ["does not listen", "refused", /failed/i],
] as const) {
  test(`a release that ${what}: exit code 4, the reason, the old one serves, the next good one works`, async (t) => {
    const cwd = await temporaryFolder(t);
    const file = await writeConfig(cwd, { loadBalancer: { healthCheck } });
    t.after(() => aws.reset());
    const deploy = (env: Record<string, string>, ...args: string[]) =>
      writeFile(
        file,
        JSON.stringify({ ...goodConfig, app: { ...goodConfig.app, env }, loadBalancer: { healthCheck } }),
      ).then(() => aws.run(["deploy", "--yes", "--json", "--image", aws.baseImageId, ...args], { cwd }));
    assert.equal((await deploy({})).code, 0);
    const good = ofStack(await aws.state(), "hello", "test");

    await aws.control("settings", { answer });
    // Once it has been read, it is not to be had any more, as of an instance that its group has ended.
    await aws.control("faults", { rules: [{ action: "GetConsoleOutput", skip: 1, fault: { kind: "refuse" } }] });
    await aws.calls();
    const bad = await deploy({ RELEASE: "bad" });
    const actions = await aws.calls();
    const looks = actions.filter(({ action }) => action === "GetConsoleOutput");
    await aws.control("settings", { answer: 200 });
    await aws.control("faults", {});
    assert.equal(bad.code, 4, bad.stderr);
    const { error, url } = bad.json();
    assert.equal(error?.code, "release-failed");
    assert.match(error?.cause ?? "", reason);
    const untilGivenUp = actions.slice(
      actions.findIndex(({ action }) => action === "GetConsoleOutput"),
      actions.findIndex(({ action }) => action === "RollbackInstanceRefresh"),
    );
    assert.ok(
      untilGivenUp.some(({ action }) => action === "DescribeTargetHealth"),
      "its console is read before it is given up",
    );
    const seconds = (Date.parse(looks.at(-1)?.time ?? "") - Date.parse(looks[0]?.time ?? "")) / 1000;
    // Each that is refused is asked for in two ways.
    assert.ok(looks.length <= 3 + (2 * seconds) / 4.5, `${looks.length} in ${seconds} s: not at every look`);
    assert.match(error?.cause ?? "", /Its console ends:[\s\S]*i-\w+ boots/);
    assert.ok(url, "the result is there too");

    const state = await aws.state();
    assert.deepEqual(ofStack(state, "hello", "test").instance, good.instance, "the old instance serves");
    const [template] = state["launch-template"] ?? [];
    const { LaunchTemplateVersions } = await boto(aws.env, "ec2", "describe_launch_template_versions", {
      LaunchTemplateId: template?.id,
    });
    assert.deepEqual(
      LaunchTemplateVersions.map(({ VersionNumber }: { VersionNumber: number }) => VersionNumber),
      [1],
    );

    await aws.calls();
    const back = await deploy({});
    assert.equal(back.code, 0, back.stderr);
    assert.deepEqual(
      (await aws.calls()).filter(({ changing }) => changing),
      [],
      "what served before is no change",
    );
    const next = await deploy({ RELEASE: "good" });
    assert.equal(next.code, 0, next.stderr);
    assert.notDeepEqual(ofStack(await aws.state(), "hello", "test").instance, good.instance);
  });
}

test("the release that serves is told, not a newer one that was never rolled out", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { loadBalancer: { healthCheck } });
  t.after(() => aws.reset());
  const deploy = (image: string, ...args: string[]) =>
    aws.run(["deploy", "--yes", "--json", "--image", image, ...args], { cwd });
  assert.equal((await deploy(aws.baseImageId)).code, 0);
  const [one, two] = [await makeImage(aws, "aaaaaaaaaaaa"), await makeImage(aws, "bbbbbbbbbbbb")];

  await aws.control("settings", { answer: 500 });
  t.after(() => aws.control("settings", { answer: 200 }));
  assert.equal((await deploy(one, "--no-wait")).code, 0);
  const AutoScalingGroupName = "hello-test";
  await boto(aws.env, "autoscaling", "rollback_instance_refresh", { AutoScalingGroupName });
  for (let status = ""; status !== "RollbackSuccessful"; await sleep(200)) {
    const answer = await boto(aws.env, "autoscaling", "describe_instance_refreshes", { AutoScalingGroupName });
    status = answer.InstanceRefreshes[0].Status;
  }
  const bad = await deploy(two);
  assert.equal(bad.code, 4, bad.stderr);
  assert.equal(bad.json().image, aws.baseImageId);
  assert.equal(bad.json().release, aws.baseImageId);
});
