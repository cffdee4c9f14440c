import assert from "node:assert/strict";
import { test } from "node:test";
import type { Activity } from "@aws-sdk/client-auto-scaling";
import { watchFailed } from "../../src/aws/failing.ts";
import { failedAmong } from "../../src/aws/why.ts";

const failed = (id: string, isNewest = true, text = "no capacity") => ({ id, text, isNewest });

test("one failed launch may be the last: patience begins with it, however long the watch had lasted", () => {
  let seconds = 0;
  const why = watchFailed(false, () => seconds * 1000);
  assert.equal(why([failed("from before")]), undefined);
  seconds = 900;
  assert.equal(why([failed("first"), failed("from before", false)]), undefined, "it has just failed");
  seconds = 1015;
  assert.equal(why([failed("first", false)]), undefined, "another launch is under way");
  seconds = 1021;
  assert.equal(why([failed("first")]), "no capacity");
});

test("two failed launches tell at once, but for what passes in a new account", () => {
  const why = watchFailed(true, () => 0);
  const passing = "Authentication Failure. Launching EC2 instance failed.";
  assert.equal(why([failed("1", true, passing), failed("2", false, passing)]), undefined);
  assert.equal(why([failed("3"), failed("4", false), failed("1", false, passing)]), "no capacity");
});

test("a launch that AWS cancelled because its instance ended has failed; one that is not wanted any more has not", () => {
  const Description = "Launching a new EC2 instance: i-1";
  const one = (ActivityId: string, StatusCode: Activity["StatusCode"], StatusMessage?: string) =>
    ({ ActivityId, StatusCode, Description, ...(StatusMessage ? { StatusMessage } : {}) }) as Activity;
  const ended =
    "Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Client.InvalidKMSKey.InvalidState";
  const activities = [
    one("unwanted", "Cancelled"),
    one("ended", "Cancelled", ended),
    one("done", "Successful"),
    one("refused", "Failed", "quota"),
  ];
  assert.deepEqual(failedAmong(activities), [failed("ended", false, ended), failed("refused", false, "quota")]);
});
