import assert from "node:assert/strict";
import { test } from "node:test";
import { type Config, configSchema } from "../../src/config/schema.ts";
import { checksOfImage, checksOfPlace } from "../../src/deploy/needed-checks.ts";
import type { Found, Seen } from "../../src/engine/look.ts";
import type { AnyResource } from "../../src/engine/resource.ts";
import type { Inputs } from "../../src/inputs.ts";
import { autoScalingGroup } from "../../src/resources/auto-scaling-group.ts";
import { launchTemplate } from "../../src/resources/launch-template.ts";
import { loadBalancer } from "../../src/resources/load-balancer.ts";
import { goodConfig } from "../command-line.ts";

const subnetIds = [...goodConfig.network.subnetIds].sort();

/** A stack as it was seen, of what this is about. */
function seen({ subnets = subnetIds, template = {} }: { subnets?: string[]; template?: object } = {}): Seen {
  const found = (live: object) => ({ owned: [{ id: "x", tags: {}, ...live }], foreign: [] });
  return new Map<AnyResource, Found>([
    [loadBalancer, found({ subnetIds: subnets })],
    [autoScalingGroup, found({ subnetIds: subnets })],
    [launchTemplate, found({ instanceType: "t3.micro", keyName: null, instanceProfile: null, ...template })],
  ]);
}

const config = (instances: object = {}): Config => configSchema.parse({ ...goodConfig, instances });
const named = { named: {} } as Inputs["image"];
const release = (baked: boolean) => ({ release: "0", baked }) as Inputs["image"];
const place = ["subnets", "zones", "internet", "addresses", "offered"];

test("a stack that stays where it is, with what it has, needs no check", () => {
  assert.deepEqual(checksOfPlace(seen(), config()), []);
  for (const image of [named, release(true)]) assert.deepEqual(checksOfImage(image, seen(), config()), []);
});

test("the place is checked where there is no stack yet, and where its subnets change", () => {
  assert.deepEqual(checksOfPlace(new Map(), config()), place);
  assert.deepEqual(checksOfPlace(seen({ subnets: subnetIds.slice(1) }), config()), place);
});

test("what instances are launched with is checked where it is new", () => {
  assert.deepEqual(checksOfPlace(seen(), config({ type: "m5.large" })), ["offered"]);
  const keyed = config({ keyName: "mine" });
  assert.deepEqual(checksOfPlace(seen(), keyed), ["key-pair"]);
  assert.deepEqual(checksOfPlace(seen({ template: { keyName: "mine" } }), keyed), []);
  const profiled = config({ instanceProfile: "web" });
  assert.deepEqual(checksOfImage(named, seen(), profiled), ["instance-profile"]);
  assert.deepEqual(checksOfImage(named, seen({ template: { instanceProfile: "web" } }), profiled), []);
});

test("a bake is worth more checks than one that is done", () => {
  const checks = checksOfImage(release(false), seen(), config());
  for (const name of ["packer", "ansible", "ssh", "vcpu-quota", "permissions-to-create"])
    assert.ok(checks.includes(name));
  assert.ok(!checks.includes("security-group-quota"), "what a stack has is not counted again");
  assert.ok(checksOfImage(release(false), new Map(), config()).includes("security-group-quota"));
});
