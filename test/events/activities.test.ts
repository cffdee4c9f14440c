import assert from "node:assert/strict";
import { test } from "node:test";
import type { Activity } from "@aws-sdk/client-auto-scaling";
import { activities } from "../../src/events/activities.ts";

/** Descriptions and causes as Auto Scaling has them ("Verify a scaling activity", Auto Scaling user guide). */

const StartTime = new Date("2026-01-31T12:00:00.000Z");
const one = (activity: Partial<Activity>) =>
  activities(
    [
      {
        ActivityId: "a",
        AutoScalingGroupName: "hello-test",
        StatusCode: "Successful",
        StartTime,
        ...activity,
      } as Activity,
    ],
    (id) => (id === "i-0123456789abcdef0" ? "aaaaaaaaaaaa" : undefined),
  )[0];

for (const [cause, told] of [
  [
    "At 2022-12-24T22:03:59Z an instance was taken out of service in response to an instance refresh.  At 2022-12-24T22:03:59Z instance i-0002075bea40ce1c8 was selected for termination.",
    "an instance refresh",
  ],
  [
    "At 2013-11-11T11:11:11Z a monitor alarm busy in state ALARM triggered policy up changing the desired capacity from 1 to 2. At 2013-11-11T11:11:30Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 1 to 2.",
    "a monitor alarm busy in state ALARM triggered policy up changing the desired capacity from 1 to 2",
  ],
  [
    "At 2026-01-31T12:00:00Z an instance was taken out of service in response to an ELB system health check failure.",
    "an ELB system health check failure",
  ],
  ["", undefined],
] as const) {
  test(`of "${cause.slice(0, 60)}…" the first reason is told, and the whole is kept`, () => {
    const event = one({ Description: "Launching a new EC2 instance: i-0123456789abcdef0", Cause: cause });
    assert.equal(event?.cause, told);
    assert.equal(event?.details, cause || undefined);
  });
}

test("what was done, goes on or failed reads so, with AWS's own reason", () => {
  const id = "i-0123456789abcdef0";
  const launched = one({ Description: `Launching a new EC2 instance: ${id}` });
  assert.deepEqual([launched?.kind, launched?.what, launched?.release], ["launch", `launched ${id}`, "aaaaaaaaaaaa"]);
  const going = one({
    Description: "Terminating EC2 instance: i-1",
    StatusCode: "WaitingForELBConnectionDraining" as never,
  });
  assert.deepEqual([going?.kind, going?.what, going?.release], ["termination", "terminating i-1", undefined]);
  const failed = one({
    Description: "Launching a new EC2 instance.  Status Reason: no room",
    StatusCode: "Failed",
    StatusMessage: "There is\nno room. Launching EC2 instance failed.",
    Cause: "At 2026-01-31T12:00:00Z an instance was started in response to a difference.",
  });
  assert.equal(failed?.what, "could not launch an instance");
  assert.equal(failed?.cause, "There is no room. Launching EC2 instance failed.; a difference");
  assert.equal(
    one({ Description: "Updating load balancers/target groups: Successful." })?.what,
    "Updating load balancers/target groups: Successful.",
  );
});
