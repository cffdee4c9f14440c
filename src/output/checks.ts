import { label } from "../doctor/run.ts";
import type { CheckResult, DoctorDocument } from "../documents.ts";
import type { Paint } from "./paint.ts";

type Place = DoctorDocument["stack"];
type State = CheckResult["state"];

const marks: Record<State, { mark: string; colour: "green" | "yellow" | "red" | "cyan"; word: string }> = {
  ok: { mark: "✔", colour: "green", word: "ok" },
  warning: { mark: "!", colour: "yellow", word: "to look at" },
  failed: { mark: "✖", colour: "red", word: "failed" },
  unknown: { mark: "?", colour: "cyan", word: "not checked" },
};

/** Checks as a person reads them: a line for each, below it what to do, and at the end how many went how. */
export function checksText(place: Place, results: readonly CheckResult[], paint: Paint): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const indent = " ".repeat(width + 4);
  const lines = results.flatMap((result) => {
    const { name, state } = result;
    const { detail, fix } = sameAs(result, results) ?? result;
    const { mark, colour } = marks[state];
    const [first = "", ...more] = detail.split("\n");
    return [
      `${paint[colour](mark)} ${label(name).padEnd(width)}  ${state === "ok" ? paint.dim(first) : first}`,
      ...more.map((line) => indent + line),
      ...(fix ? fix.split("\n").map((line) => `${indent}${paint.cyan("→")} ${line}`) : []),
    ];
  });
  const counts = (Object.keys(marks) as State[]).flatMap((state) => {
    const count = results.filter((result) => result.state === state).length;
    return count > 0 ? `${count} ${marks[state].word}` : [];
  });
  return [...heading(place, paint), ...lines, `${results.length} checks: ${counts.join(", ")}.`].join("\n");
}

/** What to say of a check that could not be made for the reason that was told of one before it. */
function sameAs(result: CheckResult, results: readonly CheckResult[]): { detail: string; fix?: undefined } | undefined {
  const first = results.find(({ detail, fix }) => detail === result.detail && fix === result.fix);
  if (result.state !== "unknown" || !result.fix || !first || first === result) return undefined;
  return { detail: `not checked: for the same reason as ${label(first.name)}` };
}

function heading({ name, environment, region, account }: Place, paint: Paint): string[] {
  if (!name) return [];
  const where = [region && ` in ${region}`, account && `, account ${account}`].filter(Boolean).join("");
  return [`${paint.bold(`${name}-${environment}`)}${where}`];
}
