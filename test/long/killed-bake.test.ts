import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** The tool killed while it bakes, at each of the bake's phases, on real machines. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("killed", { machines: true });
});
after(() => aws?.stop());

const quick = { healthCheck: { intervalSeconds: 5, timeoutSeconds: 2 }, deregistrationDelaySeconds: 0 };
const phases = [
  /starting Packer/,
  /waiting for the builder/,
  /waiting for SSH/,
  /base: /,
  /keeping the base image/,
  /app: Unpack the app/,
  /stopping the builder/,
  /waiting for ami-/,
  /taking down the builder/,
];

for (const when of phases) {
  test(`killed at "${when.source}": the next deploy goes on and works, destroy leaves nothing`, async (t) => {
    const cwd = await temporaryFolder(t);
    await writeConfig(cwd, { app: goodConfig.app, loadBalancer: quick });
    t.after(() => aws.run(["destroy", "--yes", "--name", "hello", "--environment", "test"]));
    const empty = await aws.state();
    const killed = await aws.run(["deploy", "--yes"], { cwd, signal: { name: "SIGKILL", when } });
    assert.equal(killed.code, -1, killed.stderr);

    const again = await aws.run(["deploy", "--yes"], { cwd });
    assert.equal(again.code, 0, again.stderr);
    const state = await aws.state();
    const owned = ofStack(state, "hello", "test");
    assert.deepEqual([owned.image?.length, owned.snapshot?.length, owned.instance?.length], [2, 2, 1]);
    const parts = state.image
      ?.filter(({ id }) => owned.image?.includes(id))
      .map(({ tags }) => tags["multivac:resource"]);
    assert.deepEqual(parts?.sort(), ["base-image", "image"]);

    const destroyed = await aws.run(["destroy", "--yes"], { cwd });
    assert.equal(destroyed.code, 0, destroyed.stderr);
    const left = await aws.state();
    for (const [kind, things] of Object.entries(left))
      assert.deepEqual(
        things.map(({ id }) => id),
        empty[kind]?.map(({ id }) => id),
        kind,
      );
  });
}
