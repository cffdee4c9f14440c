import { refuseWithoutTerminal } from "../ask.ts";
import { Failure } from "../failure.ts";
import { hasColour } from "../output/paint.ts";
import type { Context } from "../session.ts";
import { during } from "../spans.ts";

export interface Option<Value> {
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
  };
}

async function onTerminal({ options: { color, quiet }, stop }: Context): Promise<Questions> {
  colourAs(hasColour(process.stderr, color, process.env));
  const { confirm, intro, isCancel, log, multiselect, select, text } = await import("@clack/prompts");
  const common = { input: process.stdin, output: process.stderr, signal: stop };
  const answered = async <T>(name: string, asked: () => Promise<T>): Promise<Exclude<T, symbol>> => {
    const answer = await during({ kind: "question", name }, asked);
    if (isCancel(answer)) throw interrupted();
    return answer as Exclude<T, symbol>;
  };
  const wide = process.stderr.columns > 0 ? {} : { withGuide: false };
  if (!quiet) intro("multivac init", common);
  const several: Questions["several"] = async (message, options, proposal, wrong) => {
    const ask = () => multiselect({ ...common, message, options: options as never, initialValues: proposal });
    let chosen = await answered(message, ask);
    for (let told = wrong(chosen as never); told; told = wrong(chosen as never)) {
      log.warn(told, { ...common, ...wide });
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
      if (kind === "warning") log.warn(said, { ...common, ...wide });
      else if (!quiet) log.step(said, { ...common, ...wide });
    },
    show: (title, shown) => log.message([title, "", ...shown.split("\n")], { ...common, ...wide }),
  };
}

/** The prompts' colours go by what Node makes of these variables, and by stdout, which may be a pipe. */
function colourAs(colour: boolean): void {
  const { env } = process;
  delete env.NO_COLOR;
  delete env.FORCE_COLOR;
  if (colour) env.FORCE_COLOR = "1";
  else env.NO_COLOR = "1";
}

function interrupted(): Failure {
  return new Failure({
    code: "interrupted",
    message: "Interrupted. Nothing was written.",
    exitCode: 130,
  });
}
