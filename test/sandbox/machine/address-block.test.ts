import assert from "node:assert/strict";
import { test } from "node:test";
import { lowestFreeBlock } from "../../../src/sandbox/machine/address-block.ts";
import { formatCidr, parseCidr, subBlock } from "../../../src/sandbox/machine/cidr.ts";

const used = (...cidrs: string[]) => cidrs.map((cidr) => ({ cidr: parseCidr(cidr), name: `route ${cidr}` }));

const unnamed = () => false;

test("the lowest block that nothing touches is taken", () => {
  assert.equal(formatCidr(lowestFreeBlock([], unnamed).cidr), "198.18.0.0/20");
  assert.deepEqual(lowestFreeBlock(used("198.18.0.0/20", "198.18.16.7/32", "10.0.0.0/8"), unnamed), {
    index: 2,
    cidr: parseCidr("198.18.32.0/20"),
  });
  assert.equal(
    lowestFreeBlock(used("198.18.0.0/20"), (index) => index === 1).index,
    2,
    "a link has the name of the next",
  );
});

test("a route over the whole range is refused by name", () => {
  assert.throws(() => lowestFreeBlock(used("198.0.0.0/8"), unnamed), {
    code: "no-free-addresses",
    reason: "In use: route 198.0.0.0/8.",
  });
});

test("blocks lie next to one another", () => {
  assert.equal(formatCidr(subBlock(parseCidr("198.18.0.0/15"), 20, 31)), "198.19.240.0/20");
});
