import { refuseWithoutTerminal } from "../ask.ts";
import { Failure, sameCommand } from "../failure.ts";
import { hasColour } from "../output/colour.ts";
import type { Context } from "../session.ts";
import { during } from "../spans.ts";

interface Option<Value> {
  value: Value;
  label: string;
  hint?: string;
  /** Shown, and not to be chosen. */
  disabled?: boolean;
}

/** Asks for what no option has told. With --yes the answer is what each question proposes. */
export interface Questions {
  /** Whether there is a person who answers. */
  asks: boolean;
  /** A line of text. `wrong` says what is wrong with one. */
  text(question: string, proposal: string | undefined, wrong: (text: string) => string | undefined): Promise<string>;
  /** One of several; the first is proposed. */
  choose<Value>(question: string, options: Option<Value>[]): Promise<Value>;
  /** Some of several; `wrong` says what is wrong with a choice. */
  several<Value>(
    question: string,
    options: Option<Value>[],
    proposal: Value[],
    wrong: (chosen: Value[]) => string | undefined,
  ): Promise<Value[]>;
  confirm(question: string, proposal: boolean): Promise<boolean>;
  /** Tells what was found, or was not. */
  say(text: string, kind?: "found" | "warning"): void;
  /** Shows what is going to be written. */
  show(title: string, text: string): void;
  /** After the last question. */
  end(): void;
}

/** Questions on the terminal, or with --yes none. Throws a `Failure` where there is neither. */
export async function questionsFor(context: Context): Promise<Questions> {
  if (context.options.yes) return proposals(context);
  refuseWithoutTerminal();
  return await onTerminal(context);
}

function proposals({ report }: Context): Questions {
  const proposed = (value: string | undefined) => {
    // What cannot be proposed is refused before it is asked.
    if (value === undefined) throw new Error("a question without a proposal was asked with --yes");
    return value;
  };
  return {
    asks: false,
    text: async (_, proposal) => proposed(proposal),
    choose: async (_, [first]) => (first as Option<never>).value,
    several: async (_, __, proposal) => proposal,
    confirm: async (_, proposal) => proposal,
    say: (text, kind) => report({ type: kind === "warning" ? "warning" : "note", text }),
    show: () => {},
    end: () => {},
  };
}

async function onTerminal({ options: { color, quiet }, stop }: Context): Promise<Questions> {
  colourAs(hasColour(process.stderr, color, process.env));
  const { confirm, intro, isCancel, log, multiselect, outro, select, text } = await import("@clack/prompts");
  const ended = endOfInput();
  const common = { input: process.stdin, output: process.stderr, signal: AbortSignal.any([stop, ended]) };
  const answered = async <T>(name: string, asked: () => Promise<T>): Promise<Exclude<T, symbol>> => {
    const answer = await during({ kind: "question", name }, asked);
    if (isCancel(answer)) throw ended.aborted ? answeredNo() : interrupted();
    return answer as Exclude<T, symbol>;
  };
  // A terminal made by a program may be no column wide, in which no text could be wrapped.
  if (!(process.stderr.columns > 0)) process.stderr.columns = 80;
  const lines = (shown: string) => shown.split("\n").flatMap((line) => wrapped(line, process.stderr.columns - 4));
  if (!quiet) intro("multivac init", common);
  const several: Questions["several"] = async (message, options, proposal, wrong) => {
    const ask = () => multiselect({ ...common, message, options: options as never, initialValues: proposal });
    let chosen = await answered(message, ask);
    for (let told = wrong(chosen as never); told; told = wrong(chosen as never)) {
      log.warn(lines(told).join("\n"), common);
      chosen = await answered(message, ask);
    }
    return chosen as never;
  };
  return {
    asks: true,
    text: (message, proposal, wrong) =>
      answered(message, () =>
        text({
          ...common,
          message,
          ...(proposal === undefined ? {} : { placeholder: proposal, defaultValue: proposal }),
          validate: (value = "") => (value === "" && proposal !== undefined ? undefined : wrong(value.trim())),
        }),
      ).then((answer) => answer.trim()),
    choose: (message, options) =>
      answered(message, () => select({ ...common, message, options: options as never })) as never,
    several,
    confirm: (message, proposal) => answered(message, () => confirm({ ...common, message, initialValue: proposal })),
    say: (said, kind) => {
      const shown = lines(said).join("\n");
      if (kind === "warning") log.warn(shown, common);
      else if (!quiet) log.step(shown, common);
    },
    show: (title, shown) => log.message([title, "", ...lines(shown)], common),
    end: () => outro("", common),
  };
}

/** Aborted by Ctrl-D, at which a prompt would wait for ever. */
function endOfInput(): AbortSignal {
  const ended = new AbortController();
  process.stdin.on("keypress", (_, key?: { ctrl?: boolean; name?: string }) => {
    if (key?.ctrl && key.name === "d") ended.abort();
  });
  return ended.signal;
}

/** The prompts' colours go by what Node makes of these variables, and by stdout, which may be a pipe. */
function colourAs(colour: boolean): void {
  const { env } = process;
  delete env.NO_COLOR;
  delete env.FORCE_COLOR;
  if (colour) env.FORCE_COLOR = "1";
  else env.NO_COLOR = "1";
}

/** Parts a line between words so that each piece fits; what follows the first piece keeps the line's indent. */
function wrapped(line: string, width: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const pieces: string[] = [];
  for (const word of line.slice(indent.length).split(" ")) {
    const last = pieces.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) pieces[pieces.length - 1] = `${last} ${word}`;
    else pieces.push(`${indent}${word}`);
  }
  return pieces;
}

/** A person's no. */
export function answeredNo(): Failure {
  return new Failure({ code: "answered-no", message: "Nothing was written." });
}

function interrupted(): Failure {
  return new Failure({
    code: "interrupted",
    message: "Interrupted. Nothing was written.",
    fix: `Begin anew: ${sameCommand}`,
    exitCode: 130,
  });
}
