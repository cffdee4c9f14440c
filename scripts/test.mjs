#!/usr/bin/env node
// Runs the test suite but for its long part, or the files and folders named.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { prepareTests } from "./prepared-tests.mjs";
import { setUp } from "./setup.mjs";

await setUp({ forTests: true });

/** What takes minutes begins first, so that it is not waited for when all else is done. */
const longest = ["test/sandbox/whole-way.test.ts", "test/commands/drift.test.ts"];
const named = process.argv.slice(2);
const long = path.join("test", "long", path.sep);
const files =
  named.length > 0
    ? named.flatMap((name) => (statSync(name).isDirectory() ? testFiles(name) : name))
    : [...new Set([...longest, ...testFiles("test").filter((file) => !file.startsWith(long))])];
if (files.length === 0) throw new Error("There is no test file.");
// Most tests wait for half of their time; real machines compute, and are asked for answers meanwhile.
const cores = availableParallelism();
const atOnce = files.every((file) => file.startsWith(long)) ? cores : cores + 1;
// A few files are sooner done than that is prepared; the long ones make a package of this folder.
const isMany = files.length > 4 && !files.every((file) => file.startsWith(long));
// What this needs has only been built by now.
const prepared = isMany ? await (await import("./prepared-python.mjs")).preparePython() : undefined;
const cwd = isMany ? prepareTests() : process.cwd();
const args = isMany
  ? ["--enable-source-maps", "scripts/run-tests.mjs", `${atOnce}`, ...files.map((file) => file.replace(/\.ts$/, ".js"))]
  : ["--import", "tsx", "scripts/run-tests.mjs", `${atOnce}`, ...files];
// Only all tests together call all that the policies allow.
const calls = named.length > 0 ? undefined : mkdtempSync(path.join(tmpdir(), "multivac-calls-"));
// Node reads a bundle of certificates at each start, which takes longer than the start itself.
const { NODE_EXTRA_CA_CERTS: ca, ...others } = process.env;
const env = {
  ...others,
  // What it says of later versions of Node and the SDK each process would say again.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  ...(ca ? { MULTIVAC_TEST_CA: ca } : {}),
  ...(calls ? { MULTIVAC_TEST_CALLS: calls } : {}),
  ...prepared?.env,
};
const runner = spawn(process.execPath, args, { cwd, stdio: ["ignore", "inherit", "inherit"], env });
const [status] = await once(runner, "close");
process.exitCode = status ?? 1;
prepared?.end();
if (calls) rmSync(calls, { recursive: true, force: true });

function testFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => path.join(folder, name))
    .sort();
}
