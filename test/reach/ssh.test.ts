import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loginUser } from "../../src/reach/ssh.ts";
import {
  baseImageId,
  type EndpointUnderTest,
  startEndpointUnderTest,
} from "../sandbox/endpoint/endpoint-under-test.ts";

let aws: EndpointUnderTest;
before(async () => {
  aws = await startEndpointUnderTest();
});
after(() => aws.close());

test("an image of Debian's lets in Debian's user, though EC2 shows it as Amazon's own", async () => {
  assert.equal(await loginUser(aws, { imageId: baseImageId }), "admin");
  assert.equal(await loginUser(aws, { imageId: "ami-0fedcba9876543210" }), undefined);
});
