#!/usr/bin/env node
// Records the pictures of a deploy and a roll in docs/ from real runs in the sandbox.
import { spawnSync } from "node:child_process";
import { setUp } from "./setup.mjs";

await setUp({ forTests: true });
const args = ["--import", "tsx", "test/record/main.ts"];
process.exitCode = spawnSync(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] }).status ?? 1;
