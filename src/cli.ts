#!/usr/bin/env node
import * as module from "node:module";
import { CommanderError } from "commander";
// Bundled, it is not to be read at each start.
import about from "../package.json" with { type: "json" };
import type { RunCommand } from "./cli/add.ts";
import { outliveClosedStderr, outliveClosedStdout } from "./cli/closed-streams.ts";
import { isOlder, refuseOldNode } from "./cli/old-node.ts";
import { program } from "./cli/program.ts";

const { version, engines } = about;

const runCommand: RunCommand = async (name, options, load, args) => {
  outliveClosedStderr();
  const { run } = await import("./run.ts");
  process.exitCode = await run(name, options, load as never, args);
};

// From Node 22.1 on: what is loaded from now on is compiled once for all runs.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

/** Parses the command line. A wrong call exits with 1. */
async function main(): Promise<void> {
  outliveClosedStdout();
  const cli = program(version, runCommand);
  // Node's own warning that the one overrules the other does not hold here.
  if (process.env.NO_COLOR) delete process.env.FORCE_COLOR;
  try {
    process.cwd();
  } catch {
    const { tellLostFolder } = await import("./cli/lost-folder.ts");
    process.exitCode = await tellLostFolder(process.argv.slice(2));
    return;
  }
  try {
    if (process.argv[2] === "__complete") {
      const { complete } = await import("./completion/complete.ts");
      return await complete(cli, process.argv.slice(3));
    }
    const words = process.argv.slice(2, process.argv.indexOf("--") + 1 || undefined);
    if (words.includes("--json") && words.some((word) => word === "--version" || word === "-V"))
      return await (await import("./commands/version.ts")).printVersionDocument(version);
    await cli.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 1;
    if (error.code === "commander.version") await (await import("./commands/version.ts")).printToolVersions();
    // Help that was not asked for, of a command without its subcommand, has been shown already.
    if (error.exitCode === 0 || (error.code === "commander.help" && !process.argv.includes("--json"))) return;
    outliveClosedStderr();
    const { tellWrongCall } = await import("./cli/wrong-call.ts");
    await tellWrongCall(error, cli, process.argv.slice(2));
  }
}

if (isOlder(process.versions.node, engines.node)) refuseOldNode(process.versions.node, engines.node);
else await main();
