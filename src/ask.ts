import { createInterface } from "node:readline/promises";
import { Failure } from "./failure.ts";
import type { Paint } from "./output/paint.ts";
import type { Ask, CommonOptions } from "./session.ts";

/** Questions on the terminal. `before` takes the spinner away; --yes answers all of them; without a terminal it refuses. */
export function ask(options: CommonOptions, paint: Paint, before: () => void): Ask {
  const question = async (text: string): Promise<string | undefined> => {
    if (options.yes) return undefined;
    if (!process.stdin.isTTY || !process.stderr.isTTY) {
      throw new Failure({
        code: "needs-yes",
        message: "There is no terminal to ask on.",
        reason: "This would change something, which a person has to say yes to.",
        fix: "Give --yes when it shall happen without a question.",
      });
    }
    before();
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    try {
      return await Promise.race([
        lines.question(paint.bold(text)),
        new Promise<string>((resolve) => lines.once("close", () => resolve(""))),
      ]);
    } finally {
      lines.close();
    }
  };
  return {
    confirm: async (text) => /^(undefined|y|yes)$/i.test(`${await question(`${text} [y/N] `)}`.trim()),
    typed: async (text, word) => {
      const answer = await question(`${text} `);
      return answer === undefined || answer.trim() === word;
    },
  };
}
