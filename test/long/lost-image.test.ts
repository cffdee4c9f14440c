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

for (const kind of ["error", "reset"]) {
  test(`the answer to CreateImage is lost (${kind}): the image is used, one is there, tagged, and no builder`, async (t) => {
    const cwd = await temporaryFolder(t);
    await writeConfig(cwd, { app: goodConfig.app, loadBalancer: quick });
    t.after(async () => {
      await aws.control("faults", {});
      await aws.run(["destroy", "--yes", "--name", "hello", "--environment", "test"]);
    });
    const rule = { action: "CreateImage", agent: "packer", times: 1, when: "after", fault: { kind } };
    await aws.control("faults", { rules: [rule] });
    const ran = await aws.run(["deploy", "--yes", "--json", "--verbose"], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    const state = await aws.state();
    const owned = ofStack(state, "hello", "test");
    assert.deepEqual([owned.image?.length, owned.snapshot?.length, owned.instance?.length], [1, 1, 1]);
    const [image] = (state.image ?? []).filter(({ id }) => id === owned.image?.[0]);
    assert.equal(image?.tags["multivac:resource"], "image");
    assert.equal(image?.tags["multivac:release"], ran.json().release);
    const images = (state.image ?? []).filter(({ id }) => id !== aws.baseImageId);
    assert.equal(images.length, 1, "none beside it");
    assert.match(ran.stderr, /Packer lost sight of ami-/);
  });
}
