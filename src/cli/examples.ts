import type { Command } from "commander";

/** What a command line is for, and the line, or several. */
export type Example = [what: string, ...lines: string[]];

const known = new WeakMap<Command, readonly Example[]>();

/** Adds examples to the end of a command's help. */
export function examples(command: Command, list: readonly Example[]): Command {
  known.set(command, list);
  return command.addHelpText("after", ({ command: shown }) => {
    const help = shown.createHelp();
    const { getOutHelpWidth } = shown.configureOutput();
    const width = (getOutHelpWidth?.() ?? 80) - 4;
    const lines = list.flatMap(([what, ...commands]) => [
      ...help
        .boxWrap(what, width)
        .split("\n")
        .map((line) => `  # ${line}`),
      ...commands.map((line) => `  $ ${line}`),
    ]);
    return ["", help.styleTitle("Examples:"), ...lines].join("\n");
  });
}

/** The examples of a command. */
export function examplesOf(command: Command): readonly Example[] {
  return known.get(command) ?? [];
}
