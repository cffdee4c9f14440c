#!/usr/bin/env node
// Measures the tool, beside Terraform and CloudFormation where they are there; see test/bench/main.ts for the options.
import { spawnSync } from "node:child_process";
import { setUp } from "./setup.mjs";

await setUp({ forTests: true });
const args = ["--import", "tsx", "test/bench/main.ts", ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] }).status ?? 1;
