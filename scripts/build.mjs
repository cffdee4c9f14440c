#!/usr/bin/env node
// Checks the types of src/, bundles it into dist/ with all it imports, and writes the JSON schema of the config, and types
// for other programs, from their one definition.
// Bundled and split, a command loads the few AWS operations it uses and not whole clients, which takes half the time.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { configTypes } from "./config-type.mjs";
import { licensesOf } from "./licenses.mjs";

process.chdir(fileURLToPath(new URL("../", import.meta.url)));
// What is in dist/ already stays: a running sandbox loads its modules from there. A package is built from nothing (prepack).
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
const types = once(spawn(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" }), "exit");
const entries = ["cli", "sandbox/daemon", "sandbox/prerequisites", "sandbox/folders", "config/json-schema"];
const shared = /node_modules\/@(aws-sdk|smithy)\/|\/src\/(aws|deploy|engine|lock|resources)\//;

/** Commander loads what starts other programs at once, though its commands here are none: that takes as long as its own start. */
const withoutPrograms = {
  name: "without-programs",
  transform(code, id) {
    if (!id.endsWith("commander/lib/command.js")) return undefined;
    const loads = "const childProcess = require('node:child_process');";
    if (!code.includes(loads)) throw new Error(`${id} loads node:child_process in another way now.`);
    return code.replace(loads, "const childProcess = { get spawn() { return require('node:child_process').spawn; } };");
  },
};
const { output } = await build({
  plugins: [withoutPrograms],
  input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
  platform: "node",
  // The AWS clients' ES modules, of which what is not used can be left out.
  resolve: { mainFields: ["module", "main"] },
  // As the shared file needs it.
  preserveEntrySignatures: "allow-extension",
  output: {
    dir: "dist",
    // Node starts these sooner than ES modules: docs/benchmark.md.
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "chunks/[name]-[hash].cjs",
    // Names stay, for stack traces and for errors known by name.
    minify: { compress: true, mangle: { keepNames: true }, codegen: true },
    comments: { legal: true },
    // What many commands share is one file: on Node 20 each file takes time to find, whatever its size.
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        { name: "shared", test: shared, minShareCount: 5 },
        {
          name: "tools",
          test: /\/src\/(programs|failure|bake\/(environment|package-root|packer-version|remembered|tools))\.ts$/,
        },
      ],
    },
  },
});
if ((await types)[0] !== 0) process.exit(1);
chmodSync("dist/cli.cjs", 0o755);

writeFileSync("dist/licenses.txt", licensesOf(output.flatMap(({ moduleIds = [] }) => moduleIds)));

const { jsonSchema } = await import("../dist/config/json-schema.cjs");
writeFileSync("config.schema.json", `${JSON.stringify(jsonSchema(), null, 2)}\n`);
// A module of types alone is its own declarations.
writeFileSync("dist/types.d.ts", `${readFileSync("src/documents.ts", "utf8")}\n${configTypes(jsonSchema())}`);
