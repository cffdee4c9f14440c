import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Aws } from "../../src/aws/aws.ts";
import { makeWay } from "../../src/deploy/make-way.ts";
import { type EndpointUnderTest, startEndpointUnderTest } from "../sandbox/endpoint/endpoint-under-test.ts";
import { ownTags } from "../tags.ts";

let endpoint: EndpointUnderTest;
before(async () => {
  endpoint = await startEndpointUnderTest();
});
after(() => endpoint?.close());

test("an image that a dead bake has left under the name goes; one that does not go is told by its id", async () => {
  const { ec2, boto, control } = endpoint;
  const registered = (await boto(`
image = ec2.register_image(Name='hello-test-aaaaaaaaaaaa', RootDeviceName='/dev/xvda', Architecture='x86_64')['ImageId']
ec2.create_tags(Resources=[image], Tags=${JSON.stringify(ownTags("image"))})
answer(image)
`)) as string;
  const stack = { name: "hello", environment: "test" };
  const aws = { ec2 } as unknown as Aws;
  const way = () => {
    const { signal } = new AbortController();
    return makeWay({ aws, stack, signal, progress: () => undefined }, ["hello-test-aaaaaaaaaaaa"]);
  };
  const fault = { kind: "refuse", code: "InvalidAMIID.Unavailable" };
  await control("POST", "faults", { rules: [{ action: "DeregisterImage", fault }] });
  const real = performance.now;
  // Five minutes in three seconds.
  performance.now = () => real.call(performance) * 100;
  try {
    await assert.rejects(way, { code: "still-deleting", reason: new RegExp(`${registered} is named hello-test-a+`) });
  } finally {
    performance.now = real;
    await control("DELETE", "faults");
  }
  await way();
});
