import assert from "node:assert/strict";
import { test } from "node:test";
import { balancerOf, staysOf } from "../../src/aws/holders.ts";
import { type Holder, watchHolders } from "../../src/aws/while-held.ts";

const holder = (id: string, stays: Holder["stays"]): Holder => ({ id, text: id, stays });

test("a holder that may go has two minutes from when it was seen first, not from when the wait began", () => {
  let seconds = 0;
  const staying = watchHolders(() => seconds * 1000);
  const ids = (...holders: Holder[]) => staying(holders).map(({ id }) => id);
  assert.deepEqual(ids(holder("going", false), holder("early", "unknown")), []);
  seconds = 119;
  assert.deepEqual(ids(holder("early", "unknown"), holder("late", "unknown")), []);
  seconds = 121;
  assert.deepEqual(ids(holder("late", "unknown"), holder("going", false)), [], "it has just come");
  assert.deepEqual(ids(holder("early", "unknown"), holder("late", "unknown")), ["early"]);
  assert.deepEqual(ids(holder("foreign", true)), ["foreign"]);
  seconds = 240;
  assert.deepEqual(ids(holder("late", "unknown")), ["late"]);
});

test("an interface that Elastic Load Balancing has detached already is its load balancer's still", () => {
  const Description = "ELB app/hello-test-lb/0123456789abcdef";
  const of = "app/hello-test-lb/0123456789abcdef";
  assert.equal(balancerOf({ Description, Attachment: { InstanceOwnerId: "amazon-elb" } }), of);
  assert.equal(balancerOf({ Description, RequesterId: "amazon-elb", RequesterManaged: true, Status: "available" }), of);
  assert.equal(balancerOf({ Description }), undefined, "anybody may write that");
  assert.equal(balancerOf({ Description, Attachment: { InstanceId: "i-1", InstanceOwnerId: "1" } }), undefined);
});

test("what carries the stack's tags and came after the look may be of what goes; what was seen and left stays", () => {
  assert.equal(staysOf(true, undefined), "unknown");
  assert.equal(staysOf(true, true), false);
  assert.equal(staysOf(true, false), true);
  assert.equal(staysOf(false, undefined), true);
});
