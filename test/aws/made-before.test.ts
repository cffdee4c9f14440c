import assert from "node:assert/strict";
import { test } from "node:test";
import { madeBefore } from "../../src/aws/made-before.ts";

const stack = { name: "hello", environment: "test" };
const about = { stack, kind: "security-group", name: "hello-test-app" };
const ours = { id: "sg-1", tags: { "multivac:name": "hello", "multivac:environment": "test" } };

test("what AWS calls there already, and does not list yet, is waited for and taken for ours by its tags", async () => {
  const answers = [undefined, undefined, ours];
  assert.equal(await madeBefore(async () => answers.shift(), about, {}), ours);
});

test("what is there already with other tags is somebody else's", async () => {
  const theirs = { id: "sg-2", tags: { "multivac:name": "hello", "multivac:environment": "prod" } };
  await assert.rejects(
    madeBefore(async () => theirs, about, {}),
    { code: "name-taken", message: /hello-test-app/ },
  );
});
