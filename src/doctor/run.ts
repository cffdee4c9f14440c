import { explainAll } from "../aws/explain.ts";
import type { CheckResult } from "../documents.ts";
import { Failure } from "../failure.ts";
import { type Check, type Ground, NotChecked } from "./check.ts";

/** What came of a check. */
export interface Result extends CheckResult {
  /** What is wrong, where something is. */
  failures: readonly Failure[];
}

/** Makes all checks side by side. One that needs another that failed, or could not be made, is not counted as made. */
export async function runChecks<G extends Ground>(checks: readonly Check<G>[], ground: G): Promise<Result[]> {
  const found = await Promise.all(checks.map((check) => make(check, ground)));
  const results = new Map<string, Result>();
  /** By the name of a check, the one whose trouble is in its way. */
  const causes = new Map<string, string>();
  for (const [index, { name, needs = [] }] of checks.entries()) {
    const own = found[index] as Result;
    const lacking = needs.find((other) => causes.has(other.name));
    const cause = lacking && causes.get(lacking.name);
    const blocked = { name, state: "unknown", detail: `not checked: it needs ${cause}`, failures: [] } as const;
    const result = cause ? blocked : own;
    results.set(name, result);
    if (result.state === "failed" || result.state === "unknown") causes.set(name, cause ?? label(name));
  }
  return [...results.values()];
}

async function make<G extends Ground>({ name, look }: Check<G>, ground: G): Promise<Result> {
  try {
    const finding = await look(ground);
    return { name, failures: [], ...(typeof finding === "string" ? { state: "ok", detail: finding } : finding) };
  } catch (error) {
    const errors = error instanceof AggregateError ? error.errors : [error];
    const wrong = errors.filter((each) => each instanceof Failure);
    if (wrong.length > 0) return { name, state: "failed", ...told(wrong), failures: wrong };
    if (error instanceof NotChecked) {
      const { message, fix } = error;
      return { name, state: "unknown", detail: `not checked: ${message}`, ...(fix ? { fix } : {}), failures: [] };
    }
    const explained = explainAll(error);
    const foreseen = explained.filter((each) => each instanceof Failure);
    if (foreseen.length < explained.length) throw error;
    const { detail, ...more } = told(foreseen.map(withoutWords));
    return { name, state: "unknown", detail: `not checked: ${detail}`, ...more, failures: [] };
  }
}

/** A check as a person reads it. */
export function label(name: string): string {
  return name.replaceAll("-", " ");
}

/** Where a look is not allowed, AWS's own words add nothing to what is said of it. */
function withoutWords(failure: Failure): Pick<Failure, "message" | "reason" | "fix"> {
  const { message, reason, fix } = failure;
  return { message, reason: failure.code === "not-allowed" ? undefined : reason, fix };
}

/** What failures say, each thing once. */
function told(failures: readonly Pick<Failure, "message" | "reason" | "fix">[]): Pick<Result, "detail" | "fix"> {
  const lines = (texts: (string | undefined)[]) => [...new Set(texts.filter(Boolean))].join("\n");
  const detail = lines(failures.map(({ message, reason }) => [message, reason].filter(Boolean).join(" ")));
  const fix = lines(failures.map((failure) => failure.fix));
  return { detail, ...(fix ? { fix } : {}) };
}
