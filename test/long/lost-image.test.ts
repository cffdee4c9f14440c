import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** AWS makes Packer's image, and the answer gets lost: on real machines, since nothing else bakes. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("errors-image", { machines: true });
});
after(() => aws?.stop());

const quick = { healthCheck: { intervalSeconds: 5, timeoutSeconds: 2 }, deregistrationDelaySeconds: 0 };

for (const [agent, kind] of [
  ["packer", "error"],
  ["packer", "reset"],
  ["multivac", "reset"],
]) {
  test(`the answer to ${agent}'s CreateImage is lost (${kind}): the image is used, one is there, tagged, and no builder`, async (t) => {
    const cwd = await temporaryFolder(t);
    await writeConfig(cwd, { app: goodConfig.app, loadBalancer: quick });
    t.after(async () => {
      await aws.control("faults", {});
      await aws.run(["destroy", "--yes", "--name", "hello", "--environment", "test"]);
    });
    const rule = { action: "CreateImage", agent, times: 1, when: "after", fault: { kind } };
    await aws.control("faults", { rules: [rule] });
    const ran = await aws.run(["deploy", "--yes", "--json", "--verbose"], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    const state = await aws.state();
    const owned = ofStack(state, "hello", "test");
    assert.deepEqual([owned.image?.length, owned.snapshot?.length, owned.instance?.length], [2, 2, 1]);
    const images = (state.image ?? []).filter(({ id }) => id !== aws.baseImageId);
    const tagged = images.map(({ tags }) => [tags["multivac:resource"], tags["multivac:release"]]).sort();
    assert.deepEqual(
      tagged,
      [
        ["base-image", undefined],
        ["image", ran.json().release],
      ],
      "none beside them",
    );
    if (agent === "packer") assert.match(ran.stderr, /Packer lost sight of ami-/);
  });
}
