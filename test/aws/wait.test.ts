import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor, whileRefused } from "../../src/aws/wait.ts";

const pause = { first: 0.01, longest: 0.01 };
const awsError = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error(`${name} happened`), { name, $metadata: { httpStatusCode } });

const trouble = {
  throttled: awsError("Throttling", 400),
  "a fault of AWS's own": awsError("InternalError", 500),
  "no answer": Object.assign(awsError("TimeoutError"), { code: "ECONNRESET" }),
};

for (const [what, error] of Object.entries(trouble)) {
  test(`a wait goes on through trouble (${what}), and tells of it`, async () => {
    const told: string[] = [];
    let looks = 0;
    const look = async () => {
      looks += 1;
      if (looks < 4) throw error;
      return looks < 6 ? undefined : "there";
    };
    const progress = (text: string) => told.push(text);
    assert.equal(await waitFor(look, { limitSeconds: 60, pause, progress }), "there");
    assert.equal(told.length, 3);
    assert.match(told[0] ?? "", new RegExp(error.name));
  });
}

for (const error of [
  awsError("UnauthorizedOperation", 403),
  awsError("ExpiredToken", 403),
  awsError("InvalidParameterValue", 400),
  new TypeError("a bug"),
]) {
  test(`${error.name} ends a wait at once`, async () => {
    let looks = 0;
    const look = async () => {
      looks += 1;
      throw error;
    };
    await assert.rejects(waitFor(look, { limitSeconds: 60, pause }), error);
    assert.equal(looks, 1);
  });
}

test("trouble that lasts as long as the wait is what the wait ends with", async () => {
  const look = async () => {
    throw trouble.throttled;
  };
  await assert.rejects(waitFor(look, { limitSeconds: 0.05, pause }), trouble.throttled);
});

test("what is sent again while it is refused is not sent again through trouble before the first refusal", async () => {
  const refused = awsError("DependencyViolation", 400);
  const answers = [refused, trouble["no answer"], refused, "done"];
  const next = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  assert.equal(await whileRefused(next, ["DependencyViolation"], { limitSeconds: 60, pause }), "done");
  answers.push(trouble["no answer"], "done");
  await assert.rejects(whileRefused(next, ["DependencyViolation"], { limitSeconds: 60, pause }), trouble["no answer"]);
});

test("a long pause ends as soon as there is something to see, once; an abort ends it with its own reason", async () => {
  const wake = new AbortController();
  const looks: number[] = [];
  const look = async () => {
    looks.push(performance.now());
    if (looks.length === 1) setTimeout(() => wake.abort(), 20);
    return looks.length === 3 ? "there" : undefined;
  };
  let longest = 60;
  const paces = () => ({ first: longest, longest });
  const waiting = waitFor(look, { limitSeconds: 120, pause: paces, wake: wake.signal });
  wake.signal.addEventListener("abort", () => {
    longest = 0.05;
  });
  assert.equal(await waiting, "there");
  const [first = 0, second = 0, third = 0] = looks;
  assert.ok(second - first < 30_000, "woken");
  assert.ok(third - second >= 45, "and not again");

  const stop = new AbortController();
  const never = waitFor(async () => undefined, {
    limitSeconds: 120,
    pause: paces,
    signal: stop.signal,
    wake: wake.signal,
  });
  stop.abort(new Error("stopped"));
  await assert.rejects(never, /stopped/);
});
