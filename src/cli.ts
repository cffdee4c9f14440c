#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { CommanderError } from "commander";
import type { RunCommand } from "./cli/add.ts";
import { program } from "./cli/program.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const runCommand: RunCommand = async (name, options, load, args) => {
  const { run } = await import("./run.ts");
  process.exitCode = await run(name, options, load as never, args);
};

/** Parses the command line. A wrong call exits with 1. */
async function main(): Promise<void> {
  const cli = program(version, runCommand);
  try {
    await cli.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 1;
    // Help that was not asked for, of a command without its subcommand, has been shown already.
    if (error.exitCode === 0 || (error.code === "commander.help" && !process.argv.includes("--json"))) return;
    const { tellWrongCall } = await import("./cli/wrong-call.ts");
    await tellWrongCall(error, cli, process.argv.slice(2));
  }
}

await main();
