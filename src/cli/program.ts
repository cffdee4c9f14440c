import { Command } from "commander";
import { addTo, type RunCommand } from "./add.ts";
import { addBeginning } from "./beginning.ts";
import { addChanging } from "./changing.ts";
import { examples } from "./examples.ts";
import { helpLook, outputLook } from "./help.ts";
import { addLooking } from "./looking.ts";
import { addSandbox } from "./sandbox.ts";

/**
 * The command line; `run` runs the command that was called. Where `words` are given, the words of a call, commands that
 * are not among them have a name and a description alone: to give all commands their options takes a third of a start.
 */
export function program(version: string, run: RunCommand, words?: readonly string[]): Command {
  const cli = new Command("multivac")
    .description("Puts a web application on AWS as immutable machines, from one JSON file.")
    .version(version, "-V, --version", "print the version, and those of Node, Packer and Ansible")
    .configureHelp(helpLook)
    .configureOutput(outputLook)
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .exitOverride();
  examples(cli, [
    ["try it on this machine, without an AWS account", "multivac init --sandbox", "multivac deploy --sandbox"],
    ["write a config for the app in this folder; bake, deploy, print the URL", "multivac init", "multivac deploy"],
    ["see how it is, and take it down", "multivac status", "multivac destroy"],
  ]);
  const add = addTo(cli, run, words);
  cli.commandsGroup("Begin:");
  addBeginning(add);
  cli.commandsGroup("Change:");
  addChanging(add);
  cli.commandsGroup("Look:");
  addLooking(add);
  cli.commandsGroup("Without AWS:");
  addSandbox(cli, run, words);
  return cli;
}
