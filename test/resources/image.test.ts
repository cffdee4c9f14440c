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
  const chosen = image.choose?.(images, { release: "d", keep: 2, tags: undefined });
  assert.equal(chosen?.current?.release, "d");
  assert.deepEqual(
    chosen?.surplus.map(({ release }) => release),
    ["0", "1"],
  );
});

test("what is not tagged as a release's image is never the release, though it carries its name", () => {
  const backup = made("e", { tags: { "multivac:resource": "instance", "multivac:release": "e" } });
  const halfTagged = made("e", { id: "ami-half", tags: { "multivac:resource": "builder" } });
  const chosen = image.choose?.([backup, halfTagged, made("d")], { release: "e", keep: 1, tags: undefined });
  assert.equal(chosen?.current, undefined);
});
