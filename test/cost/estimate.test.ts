import assert from "node:assert/strict";
import { test } from "node:test";
import { configSchema } from "../../src/config/schema.ts";
import { type Charges, chargesOf } from "../../src/cost/charges.ts";
import { estimate, monthOf, unpriced, usagesOf } from "../../src/cost/estimate.ts";
import { leftOut } from "../../src/cost/left-out.ts";
import type { ImageLive } from "../../src/resources/image.ts";
import { goodConfig } from "../command-line.ts";

const one = { usd: 1, source: "a test", region: "ap-southeast-2", date: "2001" };
const prices = { of: () => one };
const config = configSchema.parse({ ...goodConfig, instances: { min: 0, max: 2, volumeGiB: 8 } });
const kinds = (charges: Charges) => estimate(charges, prices).map(({ kind }) => kind);

test("a group that may be empty costs nothing at least; quantity by price is the month", () => {
  const items = estimate(chargesOf(config, undefined), prices);
  const instances = items.find(({ kind }) => kind === "instance");
  assert.deepEqual(instances?.monthly, { min: 0, max: 1460 });
  for (const { quantity, price, monthly } of items)
    if (monthly) assert.equal(monthly.max, (quantity?.max ?? 0) * (price ?? 0));
  assert.deepEqual(monthOf(items), { min: 730 + 2 * 730, max: 730 + 2 * 730 + 1460 + 16 + 1460 });
});

test("an image that is billed for its software has no price here, and that is said", () => {
  const rhel = { usageOperation: "RunInstances:0010", minVolumeGiB: 10 } as ImageLive;
  const charges = chargesOf(config, rhel);
  assert.ok(!usagesOf(charges).some((usage) => usage.startsWith("BoxUsage")));
  const [without, ...others] = unpriced(estimate(charges, prices));
  assert.deepEqual(others, []);
  assert.deepEqual([without?.kind, without?.why], ["instance", "its image is billed as RunInstances:0010"]);
  assert.ok(
    estimate(charges, prices).some(({ what }) => what === "10 GiB gp3 volumes"),
    "no smaller than its snapshot",
  );
});

test("a config with an image of its own bakes none, so that no snapshots come with it", () => {
  assert.ok(kinds(chargesOf(config, undefined)).includes("snapshot"));
  const named = configSchema.parse({ ...goodConfig, image: { id: "ami-0123456789abcdef0" } });
  assert.ok(!kinds(chargesOf(named, undefined)).includes("snapshot"));
});

test("of a stack that is partly there, what is there is billed", () => {
  assert.deepEqual(kinds({ zones: undefined, instances: undefined, snapshots: undefined }), []);
  assert.deepEqual(kinds({ zones: 2, instances: undefined, snapshots: undefined }), [
    "load-balancer",
    "load-balancer-capacity-unit",
    "public-ipv4-address",
  ]);
});

test("CPU credits are told of the types that have them without limit by default", () => {
  assert.ok(leftOut("t4g.small").some((text) => text.includes("CPU credits")));
  for (const type of ["t2.micro", "m7i.large", "trn1.2xlarge"])
    assert.ok(!leftOut(type).some((text) => text.includes("CPU credits")), type);
});
