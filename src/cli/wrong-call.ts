import type { Command, CommanderError } from "commander";
import type { Failure } from "../failure.ts";
import type { CommonOptions } from "../session.ts";

/** Tells a wrong call as every other failure is told, on stderr, and with --json on stdout too. */
export async function tellWrongCall(error: CommanderError, cli: Command, args: readonly string[]): Promise<void> {
  const { tellFailures } = await import("../run.ts");
  const { commandLine } = await import("../commands/hint.ts");
  const called = calledCommand(cli, args);
  const help = commandLine([...called, "--help"].join(" "), { options: {} });
  const options: CommonOptions = { json: args.includes("--json"), color: !args.includes("--no-color") };
  tellFailures([await wrongCall(error, placed(error, cli, args) ?? `See what there is: ${help}`)], options);
}

/** Where options that a command takes stand before it: to put them after it. */
function placed({ code }: CommanderError, cli: Command, args: readonly string[]): string | undefined {
  const [first = ""] = args;
  const [flag = ""] = first.split("=");
  const all = cli.commands.flatMap((command) => command.options);
  const option = all.find(({ long, short }) => flag === long || flag === short);
  if (code !== "commander.unknownOption" || !option) return undefined;
  const name = args.find((arg) => cli.commands.some((command) => command.name() === arg)) ?? "status";
  return `Options stand after the command: multivac ${name} ${flag}${option.required ? ` ${option.flags.replace(/^.* /, "")}` : ""}`;
}

async function wrongCall({ message }: CommanderError, fix: string): Promise<Failure> {
  const { Failure } = await import("../failure.ts");
  // commander: "error: unknown option '--imag'\n(Did you mean --image?)", "… is invalid. It must be an AMI id"
  const said = message.replace(/^error: /, "").replace(/\n\((.*)\)$/, ". $1");
  const [, what = said, why] = /^(.*?)\. (.*)$/s.exec(said) ?? [];
  return new Failure({
    code: "wrong-call",
    message: `${what.charAt(0).toUpperCase()}${what.slice(1).replace(/\.$/, "")}.`,
    reason: why,
    fix,
  });
}

/** The names of the command that arguments call, as far as there is such a command. */
function calledCommand(cli: Command, args: readonly string[]): string[] {
  let command: Command | undefined = cli;
  const names: string[] = [];
  for (const word of args) {
    if (word.startsWith("-")) break;
    command = command.commands.find((one) => one.name() === word);
    if (!command) break;
    names.push(word);
  }
  return names;
}
