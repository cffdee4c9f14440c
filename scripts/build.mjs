#!/usr/bin/env node
// Compiles src/ to dist/ and writes the JSON schema of the config from its one definition.
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("../", import.meta.url)));
// A running sandbox loads its modules from here, so that only a package is built from nothing.
if (process.argv.includes("--clean")) rmSync("dist", { recursive: true, force: true });
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });
if (status !== 0) process.exit(1);
chmodSync("dist/cli.js", 0o755);

const { jsonSchema } = await import("../dist/config/schema.js");
writeFileSync("config.schema.json", `${JSON.stringify(jsonSchema(), null, 2)}\n`);
