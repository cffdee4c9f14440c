#!/usr/bin/env node
import { CommanderError } from "commander";
// Bundled, it is not to be read at each start.
import about from "../package.json" with { type: "json" };
import type { RunCommand } from "./cli/add.ts";
import { isOlder, refuseOldNode } from "./cli/old-node.ts";
import { program } from "./cli/program.ts";
import { outliveClosedStderr, outliveClosedStdout, writeOut } from "./cli/standard-streams.ts";

const { version, engines } = about;

const runCommand: RunCommand = async (name, options, load, args) => {
  outliveClosedStdout();
  outliveClosedStderr();
  // From Node 22 on: what is loaded from now on is compiled once for all runs.
  const module = process.getBuiltinModule?.("node:module") as { enableCompileCache?: () => void } | undefined;
  module?.enableCompileCache?.();
  const { run } = await import("./run.ts");
  process.exitCode = await run(name, options, load as never, args);
};

const isVersion = (word: string | undefined) => word === "--version" || word === "-V";

/** Parses the command line. A wrong call exits with 1. */
async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args[0] === "__complete") {
    const { complete } = await import("./completion/complete.ts");
    return await complete((words) => program(version, runCommand, words), args.slice(1));
  }
  // As what is asked most, it is not read like a command first.
  if (args.length === 1 && isVersion(args[0])) {
    writeOut(`${version}\n`);
    return await (await import("./commands/version.ts")).printToolVersions();
  }
  const cli = program(version, runCommand, args);
  // Node's own warning that the one overrules the other does not hold here.
  if (process.env.NO_COLOR) delete process.env.FORCE_COLOR;
  try {
    process.cwd();
  } catch {
    const { tellLostFolder } = await import("./cli/lost-folder.ts");
    process.exitCode = await tellLostFolder(args);
    return;
  }
  try {
    const words = args.slice(0, args.indexOf("--") + 1 || undefined);
    if (words.includes("--json") && words.some(isVersion))
      return await (await import("./commands/version.ts")).printVersionDocument(version);
    await cli.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) process.exitCode = 1;
    if (error.code === "commander.version") await (await import("./commands/version.ts")).printToolVersions();
    // Help that was not asked for, of a command without its subcommand, has been shown already.
    if (error.exitCode === 0 || (error.code === "commander.help" && !args.includes("--json"))) return;
    outliveClosedStdout();
    outliveClosedStderr();
    const { tellWrongCall } = await import("./cli/wrong-call.ts");
    await tellWrongCall(error, program(version, runCommand), args);
  }
}

if (isOlder(process.versions.node, engines.node)) refuseOldNode(process.versions.node, engines.node);
else void main();
