import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { nameInPlaceOf, timeZoneName } from "../../src/config/time-zones.ts";

/** What this machine has, as a machine that is baked does (tzdata, Debian). */
const folder = "/usr/share/zoneinfo";
const today = readFileSync(path.join(folder, "zone.tab"), "utf8")
  .split("\n")
  .flatMap((line) => (/^[A-Z]/.test(line) ? (line.split("\t")[2] ?? []) : []));
const all = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => !entry.isDirectory())
  .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
  .filter((name) => /^[A-Z]/.test(name) && name !== "Factory");

test("every name that machines have is taken as it is", () => {
  assert.ok(all.length > 500);
  assert.deepEqual(
    all.filter((name) => timeZoneName(name) !== name),
    [],
  );
});

test("another case is told as machines spell it, and what is none is nothing", () => {
  for (const name of [...today, "UTC", "Etc/GMT+5"]) assert.equal(timeZoneName(name.toLowerCase()), name);
  assert.equal(timeZoneName("us/pacific"), "America/Los_Angeles");
  for (const name of ["Berlin", "Europe/Berlin/x", "+01:00", "../UTC", ""]) assert.equal(timeZoneName(name), undefined);
});

test("old names alone have a name of today in their place, which machines have", () => {
  assert.deepEqual(
    [...today, "UTC", "GMT", "Etc/UTC", "Etc/GMT-14", "CET", "EST5EDT"].filter((name) => nameInPlaceOf(name)),
    [],
  );
  assert.equal(nameInPlaceOf("US/Pacific"), "America/Los_Angeles");
  assert.equal(nameInPlaceOf("Asia/Calcutta"), "Asia/Kolkata");
  const old = all.filter((name) => nameInPlaceOf(name) !== undefined);
  assert.ok(old.length > 80);
  assert.deepEqual(
    old.filter((name) => ![...today, "UTC", "GMT"].includes(nameInPlaceOf(name) ?? "")),
    [],
  );
});
