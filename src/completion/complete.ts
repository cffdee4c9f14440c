import { writeSync } from "node:fs";
import type { Command } from "commander";
import { candidatesFor } from "./candidates.ts";
import { typedWords } from "./words.ts";

/**
 * Answers a shell's script of `multivac completion`: prints what can stand at the end of the command line, one a line,
 * with a tab and what it is; or `:files` where the shell is to complete a file name. Prints nothing else, whatever goes
 * wrong, and ends the process.
 */
export async function complete(program: (words: readonly string[]) => Command, args: readonly string[]): Promise<void> {
  // Bash gives words as they stand on the line, other shells without their quotes.
  const words = typedWords(args.slice(args.indexOf("--") + 1), { isQuoted: args[0] === "--quoted" }, process.env.HOME);
  const found = await candidatesFor(program(words), words).catch(() => []);
  const lines =
    found === "files" ? [":files"] : found.map(({ value, about }) => (about ? `${value}\t${about}` : value));
  if (lines.length > 0) writeSync(1, `${lines.join("\n")}\n`);
  // Connections to AWS may still be open.
  process.exit();
}
