import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boto } from "../boto3.ts";
import { temporaryFolder, writeConfig } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** A signal ends a deploy in an orderly way, and the same command goes on. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("interrupted", { machines: false });
});
after(() => aws?.stop());

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  test(`${signal} stops in an orderly way with ${code}, and the same command goes on`, async (t) => {
    const cwd = await temporaryFolder(t);
    await writeConfig(cwd);
    t.after(() => aws.reset());
    await aws.control("settings", { healthySeconds: 600 });
    t.after(() => aws.control("settings", { healthySeconds: 0.2 }));
    const args = ["deploy", "--yes", "--json", "--image", aws.baseImageId];
    const interrupted = await aws.run(args, { cwd, signal: { name: signal, when: /instances healthy: 0 of 1/ } });
    assert.equal(interrupted.code, code, interrupted.stderr);
    assert.equal(interrupted.json().error?.code, "interrupted");
    assert.match(interrupted.stderr, /Go on with: .*deploy .*--sandbox/);

    await aws.control("settings", { healthySeconds: 0.2 });
    const launched = async () => (await aws.state())["auto-scaling-group"]?.[0]?.raw.Instances[0];
    await boto(aws.env, "autoscaling", "set_instance_health", {
      InstanceId: (await eventually(launched)).InstanceId,
      HealthStatus: "Unhealthy",
      ShouldRespectGracePeriod: false,
    });
    const again = await aws.run(args, { cwd });
    assert.equal(again.code, 0, again.stderr);
  });
}
