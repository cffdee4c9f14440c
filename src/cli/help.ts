import { type Command, Help, type HelpConfiguration, type Option, type OutputConfiguration } from "commander";
import { onEveryCommand } from "./options.ts";

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

/**
 * Help has colour where output has: commander asks the stream and the environment, but not for --no-color. What is wrong
 * with a call is told as every other failure is, and with --json no help comes before it.
 */
export const outputLook: OutputConfiguration = {
  outputError: () => undefined,
  ...(process.argv.includes("--json") ? { writeErr: () => undefined } : {}),
  ...(process.argv.includes("--no-color") ? { getOutHasColors: () => false, getErrHasColors: () => false } : {}),
};

function sentence(text: string): string {
  const whole = /[.!?]$/.test(text) ? text : `${text}.`;
  return text && whole.charAt(0).toUpperCase() + whole.slice(1);
}
