import assert from "node:assert/strict";
import { test } from "node:test";
import { listRegion } from "../../src/aws/price-list.ts";

for (const [region, asked] of [
  ["us-east-1", "us-east-1"],
  ["ca-west-1", "us-east-1"],
  ["sa-east-1", "us-east-1"],
  ["mx-central-1", "us-east-1"],
  ["eu-west-3", "eu-central-1"],
  ["me-central-1", "eu-central-1"],
  ["il-central-1", "eu-central-1"],
  ["af-south-1", "eu-central-1"],
  ["ap-southeast-2", "ap-south-1"],
  ["cn-north-1", undefined],
  ["us-gov-west-1", undefined],
  ["us-isob-east-1", undefined],
  ["eusc-de-east-1", undefined],
] as const) {
  test(`prices of ${region} are asked for in ${asked ?? "no region"}`, () => assert.equal(listRegion(region), asked));
}
