import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../src/failure.ts";
import { parseSince } from "../src/since.ts";

const now = new Date("2026-03-01T12:00:00.000Z");
const iso = (text: string) => parseSince(text, now).toISOString();

test("so long before now", () => {
  assert.equal(iso("90s"), "2026-03-01T11:58:30.000Z");
  assert.equal(iso("10m"), "2026-03-01T11:50:00.000Z");
  assert.equal(iso("2h"), "2026-03-01T10:00:00.000Z");
  assert.equal(iso("3d"), "2026-02-26T12:00:00.000Z");
  assert.equal(iso("1h30m"), "2026-03-01T10:30:00.000Z");
  assert.equal(iso("0s"), now.toISOString());
});

test("a date of ISO 8601, in this machine's time zone where it names none", () => {
  assert.equal(iso("2026-03-01T10:00:00Z"), "2026-03-01T10:00:00.000Z");
  assert.equal(iso("2026-03-01t10:00z"), "2026-03-01T10:00:00.000Z");
  assert.equal(iso("2026-03-01T10:00:00.25+02:00"), "2026-03-01T08:00:00.250Z");
  assert.equal(iso("2026-03-01T10:00:00,5-0130"), "2026-03-01T11:30:00.500Z");
  assert.equal(iso("2026-02-28"), new Date(2026, 1, 28).toISOString());
  assert.equal(iso("2026-02-28T09:15"), new Date(2026, 1, 28, 9, 15).toISOString());
});

for (const text of [
  "",
  "10",
  "m",
  "-5m",
  "1.5h",
  "10 m",
  "yesterday",
  "2026-02-30",
  "2026-13-01",
  "2026-02-28 10:00",
]) {
  test(`"${text}" is refused`, () => {
    assert.throws(
      () => parseSince(text, now),
      (error) => error instanceof Failure && error.code === "wrong-call" && error.fix?.includes("10m") === true,
    );
  });
}

test("what is still to come is refused, and told as it was understood", () => {
  assert.throws(() => parseSince("2026-03-01T12:00:01Z", now), /still to come: 2026-03-01T12:00:01\.000Z/);
});

test("more than there was of time is refused", () => {
  assert.throws(() => parseSince("999999999d", now), Failure);
});
