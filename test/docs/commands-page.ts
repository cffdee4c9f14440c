import type { Command, Option } from "commander";
import { examplesOf } from "../../src/cli/examples.ts";
import { onEveryCommand } from "../../src/cli/options.ts";
import { program } from "../../src/cli/program.ts";

/** The page of all commands, as their `--help` has them. */
export function commandsPage(): string {
  const cli = program("", async () => undefined);
  const commands = runnable(cli);
  const common = commands[0]?.options.filter(isCommon) ?? [];
  return [
    "# Commands",
    "",
    "<!-- Written by `npm run docs` from what `--help` shows: change it in src/cli. -->",
    "",
    "`multivac <command> --help` shows the same. Exit codes: [errors.md](errors.md). What stands on stdout is the result, all",
    "else goes to stderr; with `--json` stdout is one document.",
    "",
    ...groupsOf(cli).flatMap(([heading, some]) => [
      `**${heading.replace(/:$/, "")}**: ${some.map((one) => `[${nameOf(one)}](#${anchor(one)})`).join(", ")}`,
      "",
    ]),
    "## On every command",
    "",
    ...optionTable([...common, ...helpOf(cli)]),
    "",
    ...commands.flatMap(sectionOf),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

/** Commands that do something themselves, in the order of the help. */
function runnable(command: Command): Command[] {
  return command.commands.flatMap((one) => (one.commands.length > 0 ? runnable(one) : [one]));
}

function groupsOf(cli: Command): [string, Command[]][] {
  const groups = new Map<string, Command[]>();
  for (const command of cli.commands) {
    const heading = command.helpGroup();
    const some = command.commands.length > 0 ? runnable(command) : [command];
    groups.set(heading, [...(groups.get(heading) ?? []), ...some]);
  }
  return [...groups];
}

function sectionOf(command: Command): string[] {
  const help = command.createHelp();
  const own = command.options.filter((option) => !isCommon(option) && !option.hidden);
  const args = help.visibleArguments(command);
  const examples = examplesOf(command);
  return [
    `## ${nameOf(command)}`,
    "",
    help.commandDescription(command),
    "",
    `    multivac ${nameOf(command)} ${command.usage()}`,
    "",
    ...(args.length > 0
      ? [...args.map((one) => `- \`${help.argumentTerm(one)}\`: ${escaped(help.argumentDescription(one))}`), ""]
      : []),
    ...(own.length > 0 ? [...optionTable(own), ""] : []),
    ...(examples.length > 0
      ? ["```sh", ...examples.flatMap(([what, ...lines]) => [`# ${what}`, ...lines]), "```", ""]
      : []),
  ];
}

function optionTable(options: readonly Pick<Option, "flags" | "description" | "defaultValue">[]): string[] {
  return [
    "| option | |",
    "|---|---|",
    ...options.map(({ flags, description, defaultValue }) => {
      const default_ = typeof defaultValue === "string" ? ` (default: \`${defaultValue}\`)` : "";
      return `| \`${flags}\` | ${escaped(description)}${default_} |`;
    }),
  ];
}

function helpOf(cli: Command): Option[] {
  const help = cli.createHelp();
  return help.visibleOptions(cli).filter(({ long }) => long === "--help" || long === "--version");
}

function isCommon({ helpGroupHeading }: Option): boolean {
  return helpGroupHeading === onEveryCommand;
}

function nameOf(command: Command): string {
  const names: string[] = [];
  for (let one: Command | null = command; one?.parent; one = one.parent) names.unshift(one.name());
  return names.join(" ");
}

function anchor(command: Command): string {
  return nameOf(command).replaceAll(" ", "-");
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
