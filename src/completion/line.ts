import type { Argument, Command, Option } from "commander";

/** What is looked for at the cursor of a command line. */
export interface Sought {
  /** The innermost command that the line names. */
  command: Command;
  /** Options given before, by the names that the commands have for them. */
  given: Readonly<Record<string, string | true>>;
  /** The option or argument whose value is looked for; undefined for a command or an option itself. */
  value: Option | Argument | undefined;
  /** Whether an option may stand here. */
  options: boolean;
  /** Whether arguments have been given. */
  arguments: number;
  /** What has been typed of it. */
  typed: string;
  /** What stands before it in the same word: `--config=`. */
  prefix: string;
}

/**
 * Reads a command line up to the cursor: the words after the program's name, the last of which is being typed and may
 * be empty. Bash gives `--config=x` as three words, other shells as one.
 */
export function readLine(program: Command, words: readonly string[]): Sought {
  let command = program;
  const given: Record<string, string | true> = {};
  let awaited: Option | undefined;
  let args = 0;
  let ended = false;
  const before = words.slice(0, -1);
  for (const [index, word] of before.entries()) {
    if (word === "=" && awaited) continue;
    if (awaited) {
      given[awaited.attributeName()] = word;
      awaited = undefined;
    } else if (word === "--" || ended) ended = true;
    else if (word.startsWith("-")) {
      const { option, value } = optionIn(command, word);
      if (!option) continue;
      const next = before[index + 1] ?? words.at(-1);
      if (value !== undefined) given[option.attributeName()] = value;
      else if (option.required || (option.optional && !next?.startsWith("-"))) awaited = option;
      else given[option.attributeName()] = true;
    } else {
      const child = args === 0 ? command.commands.find((one) => one.name() === word) : undefined;
      if (child) command = child;
      else args += 1;
    }
  }

  const typed = words.at(-1) ?? "";
  const sought = { command, given, options: !ended, arguments: args, prefix: "" };
  if (awaited) return { ...sought, value: awaited, options: false, typed: typed === "=" ? "" : typed };
  const { option, value } = ended ? {} : optionIn(command, typed);
  if (option && value !== undefined && typed.startsWith("--"))
    return {
      ...sought,
      value: option,
      options: false,
      typed: value,
      prefix: typed.slice(0, -value.length || undefined),
    };
  return { ...sought, value: argumentAt(command, args), typed };
}

/** The option that a word gives, and its value where that is part of the word. */
function optionIn(command: Command, word: string): { option?: Option | undefined; value?: string } {
  const find = (flag: string) => command.options.find(({ long, short }) => flag === long || flag === short);
  const [, flag = "", value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? /^(-[^-])(.+)$/s.exec(word) ?? [undefined, word];
  const option = find(flag);
  if (value === undefined) return { option };
  return option && (option.required || option.optional) ? { option, value } : {};
}

function argumentAt({ registeredArguments: all }: Command, index: number): Argument | undefined {
  const last = all.at(-1);
  return all[index] ?? (last?.variadic ? last : undefined);
}
