import assert from "node:assert/strict";
import { test } from "node:test";
import { explainAll } from "../../src/aws/explain.ts";
import type { Failure } from "../../src/failure.ts";

function awsError(name: string, message = "so AWS says"): Error {
  return Object.assign(new Error(message), {
    name,
    awsAction: "ec2:RunInstances",
    $metadata: { httpStatusCode: 400, requestId: "r-1" },
  });
}

for (const [name, code] of [
  ["RequestLimitExceeded", "throttled"],
  ["Throttling", "throttled"],
  ["VpcLimitExceeded", "quota-reached"],
  ["TooManyLoadBalancersException", "quota-reached"],
  ["UnauthorizedOperation", "not-allowed"],
  ["ExpiredToken", "credentials-expired"],
  ["InsufficientInstanceCapacity", "no-capacity"],
  ["InvalidParameterValue", "aws-refused"],
] as const) {
  test(`${name} is ${code}, with action, request id and AWS's words`, () => {
    const [failure] = explainAll(awsError(name)) as [Failure];
    assert.equal(failure.code, code);
    assert.equal(failure.action, "ec2:RunInstances");
    assert.equal(failure.requestId, "r-1");
    assert.match(failure.reason ?? "", /so AWS says/);
  });
}

test("a host with several addresses that all refuse is unreachable, not a bug", () => {
  const refused = new AggregateError(
    [new Error("::1 refused"), new Error("127.0.0.1 refused")],
    "connect ECONNREFUSED",
  );
  const [failure, ...more] = explainAll(Object.assign(refused, { awsAction: "sts:GetCallerIdentity" })) as Failure[];
  assert.equal(failure?.code, "aws-unreachable");
  assert.equal(more.length, 0);
});

test("what failed side by side comes back one by one; a bug stays what it is", () => {
  const bug = new TypeError("x is not a function");
  const all = explainAll(
    new AggregateError([awsError("Throttling"), new AggregateError([awsError("VpcLimitExceeded"), bug])]),
  );
  assert.deepEqual(
    all.map((each) => (each as Failure).code ?? each),
    ["throttled", "quota-reached", bug],
  );
});
