import assert from "node:assert/strict";
import { test } from "node:test";
import { deploys } from "../../src/events/deploys.ts";

const made = new Map([
  ["ami-old", "2026-01-01T00:00:00.000Z"],
  ["ami-new", "2026-01-02T00:00:00.000Z"],
]);
const version = (number: number, imageId: string, data: object = {}) => ({
  version: `${number}`,
  imageId,
  created: `2026-02-0${number}T00:00:00.000Z`,
  isDefault: number === 1,
  data: { ImageId: imageId, TagSpecifications: [tagged(imageId.slice(4))], ...data },
});
const tagged = (release: string) => ({
  ResourceType: "instance" as const,
  Tags: [{ Key: "multivac:release", Value: release }],
});
const told = (versions: Parameters<typeof deploys>[0]) =>
  deploys(versions, made).map(({ kind, release, cause }) => [kind, release, cause]);

test("a version with an older image than the one before is a rollback, any other a deploy", () => {
  assert.deepEqual(told([version(3, "ami-old"), version(2, "ami-new"), version(1, "ami-old")]), [
    ["rollback", "old", "after new"],
    ["deploy", "new", "after old"],
    ["deploy", "old", undefined],
  ]);
});

test("nothing is said of a version whose predecessor is deleted, or of images that are gone", () => {
  assert.deepEqual(told([version(4, "ami-old"), version(2, "ami-new")])[0], ["deploy", "old", undefined]);
  assert.deepEqual(told([version(2, "ami-gone"), version(1, "ami-new")])[0], ["deploy", "gone", "after new"]);
});

test("of the same image, the settings that differ are told in EC2's words", () => {
  const other = version(2, "ami-new", { InstanceType: "t3.small", KeyName: "mine" });
  assert.deepEqual(told([other, version(1, "ami-new", { InstanceType: "t3.micro" })])[0], [
    "deploy",
    "new",
    "other InstanceType, KeyName",
  ]);
});
