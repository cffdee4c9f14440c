import { type Command, CommanderError } from "commander";
import { program } from "../../src/cli/program.ts";
import { commandsOf } from "../screens/commands.ts";

/** Command lines of multivac in texts, and whether the program takes them; none is run. */

const cli = program("", async () => undefined);

/** The names of all commands: `deploy`, `sandbox start`. */
export const commandNames = commandsOf(cli).slice(1).map(nameOf);

/** The long names of all options of all commands. */
export const optionNames = new Set(commandsOf(cli).flatMap(({ options }) => options.map(({ long }) => long)));
optionNames.add("--help");

function nameOf(command: Command): string {
  return command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

/** Words that follow "multivac" where it is the subject of a sentence. */
const verbs =
  /^(can|needs|takes|reads|is|has|did|does|may|bakes|makes|made|sets|puts|asks|knows|would|uses|finds|and|or|was|itself|config)\b/;

/**
 * The command lines in a sentence: `multivac`, the command's name, and the options right after it with their values. An
 * argument counts where it is written as one: in capitals, or as a file's name.
 */
export function commandLinesIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w./:@-])multivac +(?=([a-z-][^\n`]*))/g)].flatMap(([, rest = ""]) => {
    if (verbs.test(rest)) return [];
    const words = rest.split(/ +/).map((word) => word.replace(/[.,;:)?'"]+$/, ""));
    const name = commandNames.includes(words.slice(0, 2).join(" ")) ? words.splice(0, 2) : words.splice(0, 1);
    const line = [...name];
    for (let word = words.shift(); word !== undefined; word = words.shift()) {
      const before = line.at(-1) ?? "";
      if (!/^\[?-/.test(word) && !(takesValue(before) || /^\[?([A-Z]{2,}|\S+\.json)\]?$/.test(word))) break;
      line.push(word);
    }
    return [line.join(" ")];
  });
}

function takesValue(option: string): boolean {
  const long = option.replace(/^\[/, "");
  return commandsOf(cli).some(({ options }) => options.some((one) => one.long === long && one.required));
}

/** Why the program does not take a command line (without `multivac`); undefined when it does. */
export async function whyRefused(line: string): Promise<string | undefined> {
  const trial = program("", async () => undefined);
  for (const command of commandsOf(trial))
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  const words =
    line
      // What may be left out, as usage lines write it.
      .replaceAll(/\[[a-z]+\]/g, "")
      .replaceAll(/[[\]]/g, "")
      .match(/'[^']*'|\S+/g) ?? [];
  try {
    await trial.parseAsync(
      words.map((word) => word.replaceAll("'", "")),
      { from: "user" },
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // What stands for a value is none, and a sentence may name a command or an option alone.
    const placeholder = /^[A-Z_]+$|^<.*>$|…/;
    if (error.code === "commander.invalidArgument" && words.some((word) => placeholder.test(word))) return undefined;
    if (/^commander\.(optionMissingArgument|missingArgument)$/.test(error.code)) return undefined;
    return error.exitCode === 0 ? undefined : error.message;
  }
}
