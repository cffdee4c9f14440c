import assert from "node:assert/strict";
import { test } from "node:test";
import { vcpuQuota } from "../../src/aws/quotas.ts";

test("each family of instance types counts for a quota of its own", () => {
  const families: Record<string, readonly string[]> = {
    "L-1216C47A": [
      "t3.micro",
      "m7i-flex.large",
      "c6gn.large",
      "a1.medium",
      "d3en.xlarge",
      "h1.2xlarge",
      "i4i.large",
      "im4gn.large",
      "is4gen.large",
      "r8g.large",
      "z1d.large",
    ],
    "L-DB2E81BA": ["g5.xlarge", "g4dn.xlarge", "gr6.4xlarge", "vt1.3xlarge"],
    "L-417A185B": ["p4d.24xlarge", "p5.48xlarge"],
    "L-74FC7D96": ["f1.2xlarge", "f2.6xlarge"],
    "L-1945791B": ["inf1.xlarge", "inf2.xlarge"],
    "L-2C3B7624": ["trn1.2xlarge"],
    "L-6E869C2A": ["dl1.24xlarge"],
    "L-43DA4232": ["u-6tb1.56xlarge", "u7i-12tb.224xlarge"],
    "L-F7808C92": ["hpc7a.12xlarge"],
    "L-7295265B": ["x2gd.medium", "x8g.large"],
  };
  for (const [code, types] of Object.entries(families))
    for (const type of types) assert.equal(vcpuQuota(type)?.code, code, type);
  assert.equal(vcpuQuota("mac2.metal"), undefined);
});
