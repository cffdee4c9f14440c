#!/usr/bin/env node
// Kills the tool at every call that it makes to AWS and lets AWS misbehave at random; see test/faults/whole.ts for the options.
import { spawnSync } from "node:child_process";
import { setUp } from "./setup.mjs";

await setUp({ forTests: true });
const args = ["--import", "tsx", "test/faults/whole.ts", ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] }).status ?? 1;
