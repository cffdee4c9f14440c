#!/usr/bin/env node
// The README's first command: sets up what is missing, then deploys the example app into the sandbox.
import { spawnSync } from "node:child_process";
import { setUp } from "./setup.mjs";

await setUp();
const { status } = spawnSync(
  process.execPath,
  ["dist/cli.cjs", "deploy", "--sandbox", "--yes", "--config", "config.example.json", ...process.argv.slice(2)],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;
