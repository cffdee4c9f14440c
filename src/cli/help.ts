import { type Command, Help, type HelpConfiguration, type Option, type OutputConfiguration } from "commander";
import { hasColour } from "../output/colour.ts";
import { onEveryCommand } from "./options.ts";
import { isPlainOut, writeOut } from "./standard-streams.ts";

/** How help reads: what is a command's own comes first, and it is no wider than the terminal, however narrow that is. */
export const helpLook: HelpConfiguration = {
  minWidthToWrap: 16,
  styleTitle: (text) => `\u001b[1m${text}\u001b[22m`,
  commandDescription: (command) => sentence(command.description()),
  subcommandTerm: (command) => Help.prototype.subcommandTerm.call(help, command).replace(" [options]", ""),
  groupItems: <T extends Command | Option>(all: T[], visible: T[], group: (item: T) => string) => {
    const grouped = Help.prototype.groupItems.call(help, all as Option[], visible as Option[], group as never);
    const common = grouped.get(onEveryCommand);
    if (common) {
      grouped.delete(onEveryCommand);
      grouped.set(onEveryCommand, common);
    }
    return grouped as Map<string, T[]>;
  },
};

const help = new Help();

const wantsColour = !process.argv.includes("--no-color");

/**
 * Help has colour where output has: by the stream, the environment and --no-color. What is wrong
 * with a call is told as every other failure is, and with --json no help comes before it.
 */
export const outputLook: OutputConfiguration = {
  outputError: () => undefined,
  writeOut,
  getOutHasColors: () => hasColour(out(), wantsColour, process.env),
  getOutHelpWidth: () => {
    const { isTTY, columns } = out();
    return isTTY && columns ? columns : 80;
  },
  ...(process.argv.includes("--json") ? { writeErr: () => undefined } : {}),
  ...(wantsColour ? {} : { getErrHasColors: () => false }),
};

let known: { isTTY?: boolean; columns?: number } | undefined;

/** Stdout, as far as what it shows depends on it. */
function out(): { isTTY?: boolean; columns?: number } {
  known ??= isPlainOut() ? {} : process.stdout;
  return known;
}

function sentence(text: string): string {
  const whole = /[.!?]$/.test(text) ? text : `${text}.`;
  return text && whole.charAt(0).toUpperCase() + whole.slice(1);
}
