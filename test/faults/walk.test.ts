import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openScene } from "./scenarios.ts";
import { killAt, pointOf } from "./walk.ts";

/** A few of the points that `npm run test:faults` kills the tool at: where the most is half done. */

let scene: Awaited<ReturnType<typeof openScene>>;
before(async () => {
  scene = await openScene("faults-walk");
});
after(() => scene?.close());

const points: [scenario: string, point: string][] = [
  ["first deploy", "after autoscaling:CreateAutoScalingGroup 1"],
  ["changed deploy", "after autoscaling:StartInstanceRefresh 1"],
  ["changed port", "after elasticloadbalancing:ModifyListener 1"],
  ["rollback", "after ec2:CreateLaunchTemplateVersion 1"],
  ["destroy", "after autoscaling:DeleteAutoScalingGroup 1"],
];

for (const [scenario, point] of points) {
  test(`${scenario}: killed ${point}, the next run gets it done, and a destroy leaves nothing`, async () => {
    assert.deepEqual(await killAt(scene, scenario, pointOf(point)), []);
  });
}

test("a point that is not reached is told", async () => {
  const [never] = await killAt(scene, "destroy", pointOf("before ec2:CreateImage 1"));
  assert.match(never ?? "", /^the call was never made; it exits 0/);
});
