import assert from "node:assert/strict";
import { test } from "node:test";
import { type ImageLive, image } from "../../src/resources/image.ts";

const made = (release: string, more: Partial<ImageLive> = {}): ImageLive => ({
  id: `ami-${release}`,
  tags: { "multivac:resource": "image" },
  release,
  status: "available",
  base: "",
  architecture: "x86_64",
  rootDeviceName: "/dev/xvda",
  minVolumeGiB: 8,
  snapshotIds: [],
  sizeGiB: 8,
  created: "",
  deregistrationProtection: "disabled",
  sourceInstanceId: undefined,
  ...more,
});

test("beside the release's image the newest stay, and those that are protected, pending or used elsewhere", () => {
  const images = [
    made("e"),
    made("d"),
    made("c", { deregistrationProtection: "enabled-without-cooldown" }),
    made("b", { status: "pending" }),
    made("a", { usedElsewhere: true }),
    made("0", { status: "failed" }),
    made("1"),
  ];
  const keep = { releases: 2, served: [] };
  const chosen = image.choose?.(images, { release: "d", keep, tags: undefined });
  assert.equal(chosen?.current?.release, "d");
  assert.deepEqual(
    chosen?.surplus.map(({ release }) => release),
    ["0", "1"],
  );
});

test("what served last stays before what is newer", () => {
  const keep = { releases: 3, served: ["ami-1", "ami-gone", "ami-3", "ami-1"] };
  const images = ["4", "3", "2", "1"].map((release) => made(release));
  const chosen = image.choose?.(images, { release: "4", keep, tags: undefined });
  assert.deepEqual(
    chosen?.surplus.map(({ release }) => release),
    ["2"],
  );
});

test("what is not tagged as a release's image is never the release, though it carries its name", () => {
  const backup = made("e", { tags: { "multivac:resource": "instance", "multivac:release": "e" } });
  const halfTagged = made("e", { id: "ami-half", tags: { "multivac:resource": "builder" } });
  const chosen = image.choose?.([backup, halfTagged, made("d")], {
    release: "e",
    keep: { releases: 1, served: [] },
    tags: undefined,
  });
  assert.equal(chosen?.current, undefined);
});
