import assert from "node:assert/strict";
import { test } from "node:test";
import { watchBoots } from "../../src/deploy/warm-up.ts";
import type { AutoScalingGroupLive } from "../../src/resources/auto-scaling-group-live.ts";

const group = (LifecycleState: string) =>
  ({ instances: [{ InstanceId: "i-1", LifecycleState }] }) as unknown as AutoScalingGroupLive;
const target = (state: string) => [{ instanceId: "i-1", state, reason: undefined }];

test("of a group that this run has made, an instance that is healthy at the first look has booted since then at most", () => {
  const boots = watchBoots(performance.now() - 4000);
  boots.see(group("InService"), target("healthy"));
  const seconds = boots.seconds() ?? 0;
  assert.ok(seconds >= 4 && seconds < 10, `${seconds}`);
});

test("of another group, what is in service at the first look tells nothing, what is just launched does", () => {
  const boots = watchBoots();
  boots.see(group("InService"), target("healthy"));
  boots.see(group("InService"), target("healthy"));
  assert.equal(boots.seconds(), undefined);
  const launched = watchBoots();
  launched.see(group("Pending"), target("initial"));
  assert.equal(launched.seconds(), undefined, "not healthy yet");
  launched.see(group("InService"), target("healthy"));
  assert.ok((launched.seconds() ?? -1) >= 0);
});

test("the time before an instance is in service does not count: AWS's warm-up begins there", () => {
  const boots = watchBoots(performance.now() - 4000);
  boots.see(group("Pending"), []);
  boots.see(group("InService"), target("initial"));
  boots.see(group("InService"), target("healthy"));
  const seconds = boots.seconds() ?? 99;
  assert.ok(seconds < 3, `${seconds}`);
});
