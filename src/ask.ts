import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { Failure, sameCommand } from "./failure.ts";
import { columnsOf, fit } from "./output/fit.ts";
import type { Paint } from "./output/paint.ts";
import type { Ask, CommonOptions } from "./session.ts";
import { during } from "./spans.ts";

interface Surroundings {
  /** Takes the spinner away. */
  clear(): void;
  /** Tells what would have been asked about, where --yes answers. */
  note(text: string): void;
  stop: AbortSignal;
  /** Told when a question begins and ends. */
  asking(isAsked: boolean): void;
}

/** Whether there is a terminal to ask on. */
export function canAsk(): boolean {
  return Boolean(process.stdin.isTTY && process.stderr.isTTY);
}

/** Throws a `Failure` where there is no terminal to ask on. */
export function refuseWithoutTerminal(): void {
  if (canAsk()) return;
  throw new Failure({
    code: "needs-yes",
    message: "There is no terminal to ask on.",
    reason: "This would change something, which a person has to say yes to.",
    fix: `Let it happen without a question: ${sameCommand} --yes`,
  });
}

/** Questions on the terminal. What a question is about is shown with it, whatever is quiet; --yes answers all of them; without a terminal it refuses. */
export function ask(options: CommonOptions, paint: Paint, { clear, note, stop, asking }: Surroundings): Ask {
  const question = async (text: string, about: string): Promise<string | undefined> => {
    if (options.yes) {
      note(about);
      return undefined;
    }
    refuseWithoutTerminal();
    clear();
    if (about) process.stderr.write(`${fit(about, columnsOf(process.stderr))}\n`);
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    lines.on("SIGINT", () => {
      process.stderr.write("\n");
      process.kill(process.pid, "SIGINT");
    });
    let answered = false;
    // The end of the input is a no, on a line of its own.
    const ended = once(lines, "close").then(() => {
      if (!answered) process.stderr.write("\n");
      return "";
    });
    const answer = lines.question(paint.bold(text), { signal: stop }).catch((error) => {
      // Ctrl-D, which readline calls an abort too.
      if (stop.aborted || error.name !== "AbortError") throw error;
      return ended;
    });
    asking(true);
    try {
      return await during({ kind: "question", name: text }, () => Promise.race([answer, ended]));
    } finally {
      answered = true;
      lines.close();
      asking(false);
    }
  };
  return {
    confirm: async (text, about = "") =>
      /^(undefined|y|yes)$/i.test(`${await question(`${text} [y/N] `, about)}`.trim()),
    typed: async (text, word, about = "") => {
      const answer = await question(`${text} `, about);
      return answer === undefined || answer.trim() === word;
    },
  };
}
