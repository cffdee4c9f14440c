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

/** Adds a command with the options that all take, below `parent`; returns it for what is its own. */
export type Add<Prefix extends string = ""> = <Name extends string>(
  name: Name,
  description: string,
  load: Load<DocumentOf<`${Prefix}${Name}`>>,
) => Command;

export function addTo<Prefix extends string = "">(parent: Command, run: RunCommand): Add<Prefix> {
  const prefix = parent.parent ? `${parent.name()} ` : "";
  return (name, description, load) => {
    const command = common(parent.command(name).description(description)).exitOverride();
    return command.action(async (...args: unknown[]) => {
      const given = args
        .slice(0, -2)
        .flat()
        .filter((arg): arg is string => typeof arg === "string");
      await run(`${prefix}${name}`, command.opts<CommonOptions>(), load, given);
    });
  };
}
