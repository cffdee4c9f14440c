import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { keepBeating } from "../../src/lock/heartbeat.ts";

/** A clock on which a second passes at once; `sleeps` are seconds for which the machine sleeps, by when it falls asleep. */
function quickClock(until: number, done: AbortController, sleeps: Record<number, number> = {}) {
  let seconds = 0;
  return {
    now: () => seconds * 1000,
    async pause() {
      seconds += sleeps[seconds] ?? 1;
      if (seconds >= until) done.abort();
      await setImmediate();
    },
  };
}

const silent = new Error("silent");
const taken = new Error("taken");
const beating = { lostBy: async () => undefined, silent: () => silent, missed: () => undefined };

test("beats go on a fixed timer, and one that hangs keeps no other off", async () => {
  const done = new AbortController();
  const beats: number[] = [];
  const beat = async (now: Date) => {
    beats.push(now.getTime() / 1000);
    if (beats.length === 2) await new Promise(() => undefined);
  };
  assert.equal(await keepBeating({ ...beating, beat }, done.signal, quickClock(65, done)), undefined);
  assert.deepEqual(beats, [10, 20, 30, 40, 50, 60]);
});

test("a holder that no beat of reaches AWS stops before others may take it for dead", async () => {
  const done = new AbortController();
  const clock = quickClock(600, done);
  const missed: string[] = [];
  const hanging = {
    ...beating,
    beat: () => Promise.reject(new Error("cut off")),
    missed: (error: Error) => void missed.push(error.message),
  };
  assert.equal(await keepBeating(hanging, done.signal, clock), silent);
  assert.equal(clock.now(), 75_000);
  assert.equal(missed.length, 7);
});

test("a holder whose machine has slept stops as it wakes, without another beat", async () => {
  const done = new AbortController();
  const clock = quickClock(600, done, { 33: 300 });
  const beats: number[] = [];
  const beat = async (now: Date) => void beats.push(now.getTime() / 1000);
  assert.equal(await keepBeating({ ...beating, beat }, done.signal, clock), silent);
  assert.deepEqual([clock.now(), beats], [333_000, [10, 20, 30]]);
  const nap = new AbortController();
  const napping = quickClock(200, nap, { 33: 60 });
  assert.equal(await keepBeating({ ...beating, beat }, nap.signal, napping), undefined, "a nap is none");
});

test("after a beat that failed the lock is looked at: one that is somebody else's ends it", async () => {
  const done = new AbortController();
  const clock = quickClock(600, done);
  const beat = () => Promise.reject(new Error("throttled"));
  assert.equal(await keepBeating({ ...beating, beat, lostBy: async () => taken }, done.signal, clock), taken);
  assert.ok(clock.now() < 15_000, `${clock.now()}`);
});
