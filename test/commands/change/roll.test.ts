import { after, before, test } from "node:test";
import { boto } from "../../boto3.ts";
import { goodConfig } from "../../command-line.ts";
import { makeImage } from "../../releases.ts";
import { startSandbox, type TestSandbox } from "../../sandboxes.ts";
import { assertPlanned, deployAll, planEach, subjectIn, valuesOf } from "./key-change.ts";
import { replacing, rolling } from "./roll.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("change-roll", { machines: false });
});
after(() => aws?.stop());

test("keys that only new instances bring: each alone is a new template version and a roll", async (t) => {
  await boto(aws.env, "ec2", "create_key_pair", { KeyName: "somebody" });
  await boto(aws.env, "iam", "create_instance_profile", { InstanceProfileName: "reader" });
  const subject = await subjectIn(t, aws.run, { ...goodConfig, image: { id: aws.baseImageId } });
  await subject.deploy();

  const changes = rolling({ from: aws.baseImageId, to: await makeImage(aws, "aaaaaaaaaaaa") });
  await planEach(t, subject, [...changes, ...replacing]);
  await deployAll(t, aws, subject, changes, { replaced: ["instance", "volume", "network-interface"] });

  await t.test("another order of app.env is no change", async () => {
    const env = { COLOUR: "red", GREETING: "hidden hello" };
    await subject.write({ ...valuesOf(changes), "app.env": env });
    assertPlanned(await subject.plan(), {});
  });
});
