#!/usr/bin/env node
// Runs so many test files at once, those that are named, and fails when a part of them did not run.
// `node --test` would begin them by their names, and the longest last.
import path from "node:path";
import { run } from "node:test";
import { spec as Spec } from "node:test/reporters";

const [concurrency, ...files] = process.argv.slice(2);
const ran = { passed: 0, failed: 0, skipped: 0 };
const silent = new Set(files.map(nameOf));
/** How long each file took, from its first test's start to its last one's end. */
const spans = new Map();

const events = run({ files: files.map((file) => path.resolve(file)), concurrency: Number(concurrency) });
for (const event of ["test:start", "test:pass", "test:fail"]) events.on(event, ({ file }) => file && span(file));
events.on("test:pass", count("passed"));
events.on("test:fail", count("failed"));
const shown = events.compose(new Spec());
shown.pipe(process.stdout);
shown.on("end", async () => {
  if (silent.size > 0) console.log(`These files ran no test: ${[...silent].join(", ")}`);
  if (ran.skipped > 0) console.log(`${ran.skipped} tests were skipped; none may be.`);
  // Compiled or not, as the tests are.
  const { comparedWithPolicies } = files[0].endsWith(".js")
    ? await import(path.resolve("test/policy/recorded.js"))
    : await import("../test/policy/recorded.ts");
  const differences = await comparedWithPolicies();
  for (const difference of differences) console.log(`${difference} See src/policy/actions.ts.`);
  if (files.length > 20) console.log(`The longest files:\n${longest(12).join("\n")}`);
  console.log(`${ran.passed} passed, ${ran.failed} failed`);
  if (silent.size > 0 || ran.skipped > 0 || differences.length > 0) process.exitCode = 1;
});

/** A test file as it is called in the source, also where it was compiled and is told by its source map. */
function nameOf(file) {
  const isHere = path.resolve(file).startsWith(path.resolve() + path.sep);
  return path.relative(isHere ? "" : "../..", file).replace(/\.js$/, ".ts");
}

function span(file) {
  const now = performance.now();
  spans.set(file, { begin: spans.get(file)?.begin ?? now, end: now });
}

function longest(most) {
  const seconds = [...spans].map(([file, { begin, end }]) => [(end - begin) / 1000, nameOf(file)]);
  const first = seconds.sort(([one], [other]) => other - one).slice(0, most);
  return first.map(([each, file]) => `${each.toFixed(0).padStart(5)} s  ${file}`);
}

function count(outcome) {
  return ({ file, name, details, skip, todo }) => {
    if (outcome === "failed") process.exitCode = 1;
    // A test file shows up as a test of its own; neither it nor a suite counts.
    if (details?.type === "suite" || !file || file.endsWith(name)) return;
    if (skip !== undefined || todo !== undefined) ran.skipped += 1;
    else {
      ran[outcome] += 1;
      if (outcome === "passed") silent.delete(nameOf(file));
    }
  };
}
