import { z } from "zod";

const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat());

/** The condition operators that the sandbox knows. */
const operators = ["StringEquals", "StringLike", "ArnLike", "Null"] as const;
export type Operator = (typeof operators)[number];

const condition = z.partialRecord(z.enum(operators), z.record(z.string(), oneOrMore));

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: oneOrMore,
  Resource: oneOrMore,
  Condition: condition.default({}),
});

/** An identity-based policy (IAM user guide, "IAM JSON policy element reference"), as far as the sandbox evaluates it. */
export const policyDocument = z.strictObject({
  Version: z.literal("2012-10-17"),
  Statement: z.array(statement).min(1),
});

export type Policy = z.output<typeof policyDocument>;
export type PolicyStatement = z.output<typeof statement>;
