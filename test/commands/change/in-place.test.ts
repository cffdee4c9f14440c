import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boto } from "../../boto3.ts";
import { goodConfig } from "../../command-line.ts";
import { startSandbox, type TestSandbox } from "../../sandboxes.ts";
import { viewOf } from "./aws-view.ts";
import { inPlace } from "./in-place.ts";
import { assertPlanned, deployAll, subjectIn, valuesOf } from "./key-change.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("change-in-place", { machines: false });
});
after(() => aws?.stop());

test("keys that are changed in place, all in one deploy: no instance is replaced", async (t) => {
  const subject = await subjectIn(t, aws.run, goodConfig);
  const args = ["--image", aws.baseImageId];
  await subject.deploy(...args);
  await deployAll(t, aws, subject, inPlace, { args });

  await t.test("the size that scaling chose stays as long as it is within min and max", async () => {
    const chosen = { AutoScalingGroupName: "hello-test", DesiredCapacity: 3 };
    await boto(aws.env, "autoscaling", "set_desired_capacity", chosen);
    const to = async (sizes: object) => {
      await subject.write({ ...valuesOf(inPlace), ...sizes });
      return subject.deploy(...args);
    };
    assertPlanned(await to({ "instances.max": 4 }), { "update auto-scaling-group": { maxSize: [3, 4] } });
    assert.equal((await viewOf(aws)).one("auto-scaling-group").raw.DesiredCapacity, 3);
    assertPlanned(await to({ "instances.max": 2 }), {
      "update auto-scaling-group": { maxSize: [4, 2], desiredCapacity: [3, 2] },
    });
  });
});
