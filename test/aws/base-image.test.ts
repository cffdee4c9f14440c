import assert from "node:assert/strict";
import { test } from "node:test";
import type { Aws } from "../../src/aws/aws.ts";
import { newestBaseImage, ownerOf } from "../../src/aws/base-image.ts";
import type { Failure } from "../../src/failure.ts";

test("a publisher's images are its account's of that partition, and where that is not known AWS is not asked", async () => {
  assert.equal(ownerOf("ubuntu-24.04", "us-gov-east-1"), "513442679011");
  assert.equal(ownerOf("amazon-linux-2023", "cn-north-1"), "amazon");
  const nobody = { region: "cn-north-1" } as Aws;
  await assert.rejects(newestBaseImage(nobody, "debian-12", "x86_64"), ({ code, reason, fix }: Failure) => {
    assert.equal(code, "no-base-image");
    assert.match(reason ?? "", /partition aws-cn is not known/);
    return /image\.os.*image\.id/.test(fix ?? "");
  });
});
