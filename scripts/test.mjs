#!/usr/bin/env node
// Runs the test suite but for its long part, or the files and folders named, and fails when a part of it did not run.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setUp } from "./setup.mjs";

await setUp({ forTests: true });

const named = process.argv.slice(2);
const long = path.join("test", "long", path.sep);
const files =
  named.length > 0
    ? named.flatMap((name) => (statSync(name).isDirectory() ? testFiles(name) : name))
    : testFiles("test").filter((file) => !file.startsWith(long));
// Node would look for tests by itself.
if (files.length === 0) throw new Error("There is no test file.");
const folder = mkdtempSync(path.join(tmpdir(), "multivac-test-"));
const counts = path.join(folder, "counts.json");

const { status } = spawnSync(
  process.execPath,
  [
    "--import",
    "tsx",
    "--test",
    "--test-concurrency=2",
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    "--test-reporter=./scripts/count-reporter.mjs",
    `--test-reporter-destination=${counts}`,
    ...files,
  ],
  { stdio: ["ignore", "inherit", "inherit"] },
);

const { passed, failed, skipped, byFile } = JSON.parse(readFileSync(counts, "utf8"));
rmSync(folder, { recursive: true });
const silent = files.filter((file) => !byFile[path.resolve(file)]);
if (silent.length > 0) console.log(`These files ran no test: ${silent.join(", ")}`);
if (skipped > 0) console.log(`${skipped} tests were skipped; none may be.`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = status === 0 && silent.length === 0 && skipped === 0 ? 0 : 1;

function testFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => path.join(folder, name))
    .sort();
}
