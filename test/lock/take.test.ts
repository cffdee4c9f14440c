import assert from "node:assert/strict";
import { test } from "node:test";
import { fateOf, thisHolder } from "../../src/lock/holder.ts";
import type { Lock } from "../../src/lock/lock.ts";
import { watchHeartbeat } from "../../src/lock/take.ts";

const lock = (id: string, heartbeat: string): Lock => ({ id, heartbeat, token: "t", holder: {} as never });

test("a heartbeat that does not change for a minute and a half is a dead one; one that changes is alive", () => {
  let now = 0;
  const look = watchHeartbeat(() => now);
  assert.equal(look(lock("a", "1")), undefined, "one look tells nothing");
  now = 89_000;
  assert.equal(look(lock("a", "1")), undefined);
  assert.equal(look(lock("a", "2")), false);
  now = 179_000;
  assert.equal(look(lock("a", "2")), true);
  assert.equal(look(lock("b", "2")), false, "another holder has come");
});

test("a process of this machine is known to run or to have ended, one of another machine is not", async () => {
  const me = await thisHolder("deploy", { GITHUB_ACTOR: "ada", CI_JOB_URL: "https://ci.example/1" });
  assert.deepEqual([me.owner, me.run, me.command], ["ada", "https://ci.example/1", "deploy"]);
  assert.equal(await fateOf(me), "runs");
  const [pid, start, ...place] = me.process.split(" ");
  assert.equal(await fateOf({ ...me, process: [pid, "1", ...place].join(" ") }), "ended", "the pid is another's now");
  assert.equal(await fateOf({ ...me, process: [pid, start, "other-boot", "ns"].join(" ") }), "unknown");
  assert.equal(await fateOf({ ...me, process: "" }), "unknown");
});
