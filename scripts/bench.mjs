#!/usr/bin/env node
// Measures the tool, beside Terraform and CloudFormation where they are there; see test/bench/main.ts for the options.
import { spawnSync } from "node:child_process";
import { setUp } from "./setup.mjs";

await setUp({ forTests: true });
const args = ["--import", "tsx", "test/bench/main.ts", ...process.argv.slice(2)];
// As the tests do: Node reads a bundle of certificates at each start, which takes longer than the start itself.
const { NODE_EXTRA_CA_CERTS: ca, ...others } = process.env;
const env = { ...others, ...(ca ? { MULTIVAC_TEST_CA: ca } : {}) };
process.exitCode = spawnSync(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"], env }).status ?? 1;
