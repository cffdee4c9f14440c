import { documentOf, type Environments, inOverride, isOfTheStack, standsAt } from "./environments.ts";
import { format } from "./place.ts";
import { type Problem, schemaProblems } from "./problems.ts";
import { ruleProblems } from "./rules.ts";
import { type Config, configSchema, fileSchema } from "./schema.ts";

export interface Checked {
  /** The whole config of each environment that is right, the chosen one first. */
  configs: ReadonlyMap<string, Config>;
  /** Of the file, also of environments that are not chosen. */
  problems: Problem[];
}

/**
 * Checks a config file: every value in it, and the whole config of each environment. The file's own environment may
 * lack what others give, unless it is chosen.
 */
export function check(document: unknown, environments: Environments): Checked {
  const { chosen, own, overridden } = environments;
  const names = [...new Set(overridden.length > 0 ? [chosen, own, ...overridden] : [chosen])];
  const file = fileSchema.safeParse(document);
  const values = file.success ? [] : schemaProblems(file.error, document).filter(({ is }) => is !== "missing");
  const configs = new Map<string, Config>();
  const each = new Map<string, Problem[]>();
  for (const name of names) {
    const whole = documentOf(document, name);
    const parsed = configSchema.safeParse(whole);
    const problems = [...(parsed.success ? [] : schemaProblems(parsed.error, whole)), ...ruleProblems(whole)];
    // Unknown keys are told with the values.
    each.set(
      name,
      problems.filter(({ is }) => is !== "unknown"),
    );
    if (parsed.success && problems.length === 0) configs.set(name, parsed.data);
  }
  return { configs, problems: problemsOfFile(document, environments, each, values) };
}

/** The problems of each environment's whole config as those of the file, each once, after those known already. */
export function problemsOfFile(
  document: unknown,
  environments: Environments,
  each: ReadonlyMap<string, readonly Problem[]>,
  known: readonly Problem[] = [],
): Problem[] {
  const told = new Map(known.map((problem) => [key(problem), problem]));
  for (const [name, problems] of each) {
    for (const problem of problems.flatMap((one) => inFile(document, environments, each, name, one))) {
      told.set(key(problem), joined(told.get(key(problem)), problem));
    }
  }
  return [...told.values()];
}

/** The same problem, found again: in every environment where one of them says so. */
function joined(known: Problem | undefined, problem: Problem): Problem {
  if (!known?.within || !problem.within) return known && !known.within ? known : problem;
  return { ...known, within: [...known.within, ...problem.within] };
}

/** A problem of one environment's whole config where the file has it; none where the file is right all the same. */
function inFile(
  document: unknown,
  { chosen, overridden }: Environments,
  each: ReadonlyMap<string, readonly Problem[]>,
  name: string,
  problem: Problem,
): Problem[] {
  const isOverridden = overridden.includes(name);
  // Its name is a key of the file, and told as such.
  if (isOverridden && problem.path[0] === "environment") return [];
  const has = (one: string) => each.get(one)?.some((other) => key(other) === key(problem));
  if (problem.is === "missing" && !isOfTheStack(problem.path) && !overridden.every(has)) {
    if (isOverridden) return [{ ...problem, path: inOverride(name, problem.path) }];
    return name === chosen ? [{ ...problem, within: [name] }] : [];
  }
  if (problem.is === "missing" || !isOverridden) return [problem];
  const path = standsAt(document, name, problem.path) ?? inOverride(name, problem.path);
  return [{ ...problem, path, ...(path.length === problem.path.length ? { within: [name] } : {}) }];
}

function key({ path, expected, got }: Problem): string {
  return JSON.stringify([format(path), expected, got]);
}
