import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { runSeed } from "./seeds.ts";

/** A few of the seeds that `npm run test:faults` runs: some that once failed. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("faults-seeds", { machines: false });
});
after(() => aws?.stop());

for (const seed of [1, 7]) {
  test(`deploy, change, rollback and destroy get done while AWS misbehaves by seed ${seed}`, async () => {
    const { wrong, tries } = await runSeed(aws, seed);
    assert.deepEqual(wrong, [], JSON.stringify(tries, null, 1));
    assert.ok(
      tries.some(({ met }) => met.some((call) => !call.endsWith("(no fault)"))),
      "faults were met",
    );
  });
}
