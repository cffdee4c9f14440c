import type { Command } from "commander";
import { readLine, type Sought } from "./line.ts";
import type { Candidate } from "./sources.ts";

/** What the shell is to complete: one of these, or the name of a file. */
export type Candidates = readonly Candidate[] | "files";

/** What can stand at the end of a command line, the last of whose words is being typed. */
export async function candidatesFor(program: Command, words: readonly string[]): Promise<Candidates> {
  const sought = readLine(program, words);
  const found = await all(sought);
  if (found === "files") return found;
  return found
    .filter(({ value }) => value.startsWith(sought.typed))
    .map(({ value, about }) => ({ value: `${sought.prefix}${value}`, about }));
}

async function all(sought: Sought): Promise<Candidates> {
  const { command, value, typed } = sought;
  if (sought.options && typed.startsWith("-")) return options(sought);
  if (value?.argChoices) return value.argChoices.map((choice) => ({ value: choice, about: "" }));
  if (value) {
    const { source } = await import("./sources.ts");
    return (await source(value)?.(sought.given)) ?? [];
  }
  const commands = visibleCommands(command);
  if (commands.length > 0) return sought.arguments === 0 ? commands : [];
  // Nothing but an option can follow.
  return sought.options && typed === "" ? options(sought) : [];
}

function visibleCommands(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((child) => ({ value: child.name(), about: child.description() }));
}

/** The options that have not been given yet: their long names, and the short ones where no more than a hyphen is typed. */
function options({ command, given, typed }: Sought): Candidate[] {
  const visible = command.createHelp().visibleOptions(command);
  return visible
    .filter((option) => option.variadic || !(option.attributeName() in given))
    .flatMap(({ long, short, description }) => {
      const names = typed.startsWith("--") || !short ? [long] : [long, short];
      return names.flatMap((name) => (name ? [{ value: name, about: description }] : []));
    });
}
