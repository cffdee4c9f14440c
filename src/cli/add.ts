import type { Command } from "commander";
import type { Documents } from "../documents.ts";
import type { Outcome } from "../output/document.ts";
import type { CommonOptions, Context } from "../session.ts";
import { common } from "./options.ts";

/** Commands load when they run: `--help` needs none of them. */
type Load<Document extends object = object> = () => Promise<
  (context: Context, options: never, ...args: string[]) => Promise<Outcome<Document>>
>;

/** What a command has to come to: the document that `multivac/types` tells of it. */
type DocumentOf<Name extends string> = Name extends keyof Documents ? Documents[Name] : object;

/** Runs one command: its whole name, its options, how to load it, its arguments. */
export type RunCommand = (name: string, options: CommonOptions, load: Load, args: string[]) => Promise<void>;

/**
 * Adds a command, and unless it is only to be listed the options that all take and those of its own, for which `own` is
 * called. Returns it for its arguments.
 */
export type Add<Prefix extends string = ""> = <Name extends string>(
  name: Name,
  description: string,
  load: Load<DocumentOf<`${Prefix}${Name}`>>,
  own?: (command: Command) => void,
) => Command;

/** Adds below `parent`. Where `words` are given, commands whose names are not among them are only to be listed. */
export function addTo<Prefix extends string = "">(
  parent: Command,
  run: RunCommand,
  words?: readonly string[],
): Add<Prefix> {
  const prefix = parent.parent ? `${parent.name()} ` : "";
  return (name, description, load, own) => {
    const command = parent.command(name).description(description);
    if (words && !words.includes(name)) return command;
    common(command);
    own?.(command);
    return command.action(async (...args: unknown[]) => {
      const given = args
        .slice(0, -2)
        .flat()
        .filter((arg): arg is string => typeof arg === "string");
      await run(`${prefix}${name}`, command.opts<CommonOptions>(), load, given);
    });
  };
}
