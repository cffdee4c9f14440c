import assert from "node:assert/strict";
import { test } from "node:test";
import { policyDocument } from "../../../../src/sandbox/endpoint/iam/document.ts";
import { evaluate } from "../../../../src/sandbox/endpoint/iam/evaluate.ts";

/** What IAM's policy language means, as far as the sandbox knows it. */

const instance = "arn:aws:ec2:ap-southeast-2:123456789012:instance/i-0123";

function answer(
  statement: object,
  {
    action = "ec2:StopInstances",
    resource = instance,
    context = {},
  }: { action?: string; resource?: string; context?: Record<string, string[]> } = {},
): boolean {
  const whole = { Effect: "Allow", Action: "ec2:StopInstances", Resource: "*", ...statement };
  const policy = policyDocument.parse({ Version: "2012-10-17", Statement: [whole] });
  return evaluate([policy], { action, resource, context: new Map(Object.entries(context)) }).allowed;
}

test("actions and resources are patterns, actions in upper or lower case", () => {
  assert.ok(answer({ Action: ["ec2:Stop*", "ec2:StartInstances"] }));
  assert.ok(answer({ Action: "EC2:stopinstances" }));
  assert.ok(!answer({ Action: "ec2:Stop" }));
  assert.ok(answer({ Resource: "arn:aws:ec2:*:*:instance/*" }));
  assert.ok(answer({ Resource: "arn:aws:ec2:ap-southeast-?:123456789012:instance/i-0???" }));
  assert.ok(!answer({ Resource: "arn:aws:ec2:*:*:volume/*" }));
  assert.ok(!answer({ Resource: "arn:aws:ec2:*:*:Instance/*" }), "resources as they are written");
});

test("an escaped star is a star", () => {
  const key = "arn:aws:ec2:ap-southeast-2:123456789012:key-pair/a*b";
  assert.ok(answer({ Resource: key.replace("*", ["$", "{*}"].join("")) }, { resource: key }));
  assert.ok(!answer({ Resource: key.replace("*", ["$", "{*}"].join("")) }, { resource: key.replace("*", "x") }));
  assert.ok(!answer({ Resource: "arn:aws:ec2:*:*:key-pair/a.b" }, { resource: key }), "a point is a point");
});

test("every condition must hold, by one of its values; a key without a value holds for Null alone", () => {
  const tagged = { "aws:ResourceTag/name": ["hello"], "aws:RequestedRegion": ["ap-southeast-2"] };
  const equals = (wanted: object) => ({ Condition: { StringEquals: wanted } });
  assert.ok(answer(equals({ "aws:ResourceTag/name": ["other", "hello"] }), { context: tagged }));
  assert.ok(answer(equals({ "aws:resourcetag/Name": "hello" }), { context: tagged }), "keys in any case");
  assert.ok(!answer(equals({ "aws:ResourceTag/name": "Hello" }), { context: tagged }));
  assert.ok(!answer(equals({ "aws:ResourceTag/name": "hel*" }), { context: tagged }));
  assert.ok(answer({ Condition: { StringLike: { "aws:ResourceTag/name": "hel*" } } }, { context: tagged }));
  assert.ok(
    !answer(equals({ "aws:ResourceTag/name": "hello", "aws:RequestedRegion": "eu-west-1" }), { context: tagged }),
  );
  assert.ok(!answer(equals({ "aws:RequestTag/name": "hello" }), { context: tagged }), "no such key");
  const without = (value: string) => ({ Condition: { Null: { "aws:ResourceTag/name": value } } });
  assert.ok(!answer(without("true"), { context: tagged }));
  assert.ok(answer(without("true")));
  assert.ok(answer(without("false"), { context: tagged }));
});

test("a pattern of an ARN does not reach over its colons", () => {
  const vpc = { "ec2:Vpc": ["arn:aws:ec2:ap-southeast-2:123456789012:vpc/vpc-1"] };
  const like = (pattern: string) => answer({ Condition: { ArnLike: { "ec2:Vpc": pattern } } }, { context: vpc });
  assert.ok(like("arn:aws:ec2:ap-southeast-2:*:vpc/vpc-1"));
  assert.ok(!like("arn:aws:ec2:*:vpc/vpc-1"));
  assert.ok(!like("arn:aws:ec2:ap-southeast-2:*:vpc/vpc-2"));
});

test("a Deny counts more than any Allow", () => {
  const policies = ["Allow", "Deny"].map((Effect) =>
    policyDocument.parse({
      Version: "2012-10-17",
      Statement: [{ Effect, Action: "ec2:*", Resource: Effect === "Deny" ? "*i-0123" : "*" }],
    }),
  );
  const of = (resource: string) => evaluate(policies, { action: "ec2:StopInstances", resource, context: new Map() });
  assert.equal(of(instance).allowed, false);
  assert.equal(of(instance).by[0]?.Effect, "Deny");
  assert.equal(of(`${instance}4`).allowed, true);
});

test("what the sandbox does not know of the language is refused, not passed over", () => {
  for (const statement of [
    { Effect: "Allow", NotAction: "ec2:*", Resource: "*" },
    { Effect: "Allow", Action: "ec2:*", Resource: "*", Condition: { NumericLessThan: { "ec2:VolumeSize": "8" } } },
    { Effect: "Allow", Action: [], Resource: "*" },
  ])
    assert.equal(policyDocument.safeParse({ Version: "2012-10-17", Statement: [statement] }).success, false);
});
