#!/usr/bin/env node
import { readFileSync } from "node:fs";
import * as module from "node:module";
import { type Command, CommanderError } from "commander";
import type { RunCommand } from "./cli/add.ts";
import { program } from "./cli/program.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const runCommand: RunCommand = async (name, options, load, args) => {
  const { run } = await import("./run.ts");
  process.exitCode = await run(name, options, load as never, args);
};

// From Node 22.1 on: what is loaded from now on is compiled once for all runs.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

/** Parses the command line. A wrong call exits with 1, as JSON where that was asked for. */
async function main(): Promise<void> {
  try {
    const cli = program(version, runCommand);
    if (process.argv.includes("--json")) silenceErrors(cli);
    await cli.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 1;
    if (error.code === "commander.version") await (await import("./commands/version.ts")).printToolVersions();
    if (error.exitCode === 0 || !process.argv.includes("--json")) return;
    const message = error.message.replace(/^error: /, "");
    const document = {
      version: 1,
      error: { code: "wrong-call", message, fix: "multivac --help shows what there is." },
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
  }
}

function silenceErrors(command: Command): void {
  command.configureOutput({ writeErr: () => undefined });
  for (const child of command.commands) silenceErrors(child);
}

await main();
