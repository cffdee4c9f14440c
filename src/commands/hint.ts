import path from "node:path";
import type { Command } from "commander";
import { program } from "../cli/program.ts";
import { sameCommand } from "../failure.ts";
import { quoted } from "../quoted.ts";
import type { Context } from "../session.ts";

/** The command a person may type next, with the options that lead to the same stack. */
export function commandLine(command: string, { options }: Pick<Context, "options">): string {
  const { name, environment, region, profile, sandbox } = options;
  const byName = name !== undefined && takes(command, "--name");
  const flags = [
    sandbox && "--sandbox",
    byName ? `--name ${quoted(name)}` : configFlag(options),
    environment && `--environment ${environment}`,
    !sandbox && region && `--region ${region}`,
    !sandbox && profile && `--profile ${quoted(profile)}`,
  ];
  const isSandboxes = command.startsWith("sandbox ");
  const more = isSandboxes ? [] : flags.filter((flag) => flag && !command.includes(flag));
  return [invoked(), command, ...more].join(" ");
}

/** Of a stack that was named only its user knows the config. */
function configFlag({ config, name }: Context["options"]): string | undefined {
  if (config && config !== "config.json") return `--config ${quoted(config)}`;
  return name === undefined ? undefined : "--config FILE";
}

/** The command that this process was called with, as it can be typed again. */
export function typedCommand(): string {
  return [invoked(), ...process.argv.slice(2).map(quoted)].join(" ");
}

/**
 * A text whose commands of multivac, those after a colon at the end of a line and those in backquotes, can be typed as
 * they stand: called as this process was, for the same stack.
 */
export function typable(text: string, options: Context["options"]): string {
  return text.replaceAll(/(?<=: |`)multivac ([^\n`]+)/g, (whole, command) =>
    whole.startsWith(sameCommand) ? whole.replace(sameCommand, typedCommand()) : commandLine(command, { options }),
  );
}

/** Lines that each say what a command is for, and the command, below each other. */
export function hints(lines: readonly [what: string, command: string][]): string {
  const width = Math.max(...lines.map(([what]) => what.length)) + 1;
  return lines.map(([what, command]) => `  ${`${what}:`.padEnd(width)} ${command}`).join("\n");
}

/** Whether a command has an option. */
function takes(command: string, option: string): boolean {
  const [first, second] = command.split(" ");
  const { commands } = program("", async () => undefined, command.split(" "));
  const one: Command | undefined = commands.find((each) => each.name() === first);
  const found = one?.commands.find((each) => each.name() === second) ?? one;
  return found?.options.some(({ long }) => long === option) ?? false;
}

/** How this process was called, so that a hint can be typed as it stands. */
function invoked(): string {
  const script = process.argv[1] ?? "";
  if (path.basename(path.dirname(script)) === ".bin") return "npx multivac";
  return path.basename(script) === "multivac" ? "multivac" : `node ${quoted(fromHere(script))}`;
}

function fromHere(script: string): string {
  try {
    return path.relative(process.cwd(), script);
  } catch {
    // The working folder is gone.
    return script;
  }
}
