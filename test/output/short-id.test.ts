import assert from "node:assert/strict";
import { test } from "node:test";
import { shortId } from "../../src/output/short-id.ts";

test("an ARN is shown by what tells it from others of its kind, and any other id as it is", () => {
  const elb = (rest: string) => shortId(`arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:${rest}`);
  assert.equal(elb("loadbalancer/app/hello-dev-lb/50dc6c495c0c9188"), "app/hello-dev-lb/50dc6c495c0c9188");
  assert.equal(elb("targetgroup/hello-dev-tg/73e2d6bc24d8a067"), "hello-dev-tg/73e2d6bc24d8a067");
  assert.equal(
    elb("listener/app/hello-dev-lb/50dc6c495c0c9188/f2f7dc8efc522ab2"),
    "app/hello-dev-lb/…/f2f7dc8efc522ab2",
  );
  assert.equal(shortId("sg-0123456789abcdef0"), "sg-0123456789abcdef0");
});
