import path from "node:path";
import { z } from "zod";
import { type AppSource, readAppSource } from "../app/source.ts";
import { Failure } from "../failure.ts";
import { readJson } from "./file.ts";
import { type Problem, repeatedProblems, schemaProblems } from "./problems.ts";
import { ruleProblems } from "./rules.ts";
import { type Config, configSchema } from "./schema.ts";

/** A config that passed every check that needs no AWS. */
export interface LoadedConfig {
  /** Absolute path of the file. */
  file: string;
  config: Config;
  /** The app's source; undefined when `image.id` is deployed. */
  source: AppSource | undefined;
  /** What is allowed and yet probably not meant. */
  warnings: string[];
}

/**
 * Reads and checks a config file and the app it names. `environment`, when given, overrides the file's.
 * Throws one `Failure` (code `config-invalid`) that lists every problem.
 */
export async function loadConfig(
  file: string,
  overrides: { environment?: string | undefined } = {},
): Promise<LoadedConfig> {
  const absolute = path.resolve(file);
  const { document: raw, repeated } = await readJson(file);
  const document =
    overrides.environment === undefined || typeof raw !== "object" || raw === null
      ? raw
      : { ...raw, environment: overrides.environment };

  const parsed = configSchema.safeParse(document);
  const problems = [
    ...repeatedProblems(repeated),
    ...(parsed.success ? [] : schemaProblems(parsed.error, document)),
    ...ruleProblems(document),
  ];
  if (!parsed.success || problems.length > 0) throw invalid(file, problems);

  const { app } = parsed.data;
  if (!app || parsed.data.image.id) return { file: absolute, config: parsed.data, source: undefined, warnings: [] };
  const { source, problems: sourceProblems } = await readAppSource(app, absolute);
  if (sourceProblems.length > 0) throw invalid(file, sourceProblems);
  return { file: absolute, config: parsed.data, source, warnings: secretWarnings(app.env) };
}

function invalid(file: string, problems: Problem[]): ConfigInvalid {
  return new ConfigInvalid(file, problems);
}

/** A config with problems; `problems` carries each of them for `--json`. */
class ConfigInvalid extends Failure {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super({
      code: "config-invalid",
      message: `${file} has ${count}.`,
      reason: problems.map(problemLine).join("\n"),
      fix: "Mend the file; nothing was changed.",
    });
    this.problems = problems;
  }
}

/** A problem in one line: `instances.min: expected …, got …`. */
function problemLine({ path: place, expected, got, didYouMean }: Problem): string {
  const hint = didYouMean ? ` (did you mean "${didYouMean}"?)` : "";
  return didYouMean ? `${place}: ${got}${hint}` : `${place || "the document"}: expected ${expected}, got ${got}`;
}

function secretWarnings(env: Record<string, string>): string[] {
  return Object.keys(env)
    .filter((name) => /(secret|passw(or)?d|token|credential|private_?key|api_?key)/i.test(name))
    .map(
      (name) =>
        `app.env.${name} looks like a secret. Values of app.env can be read in the launch template by everybody who may look at it.`,
    );
}

/** What tells a stack in a config. All else in the file may be wrong: status and destroy work from tags. */
const stackSchema = z.object({
  ...configSchema.pick({ name: true, environment: true, region: true, accountId: true }).shape,
  deletionProtection: z.boolean().catch(false),
});

/** Reads the name of the stack from a config. Throws a `Failure` when even that is not there or not valid. */
export async function loadStackName(file: string): Promise<z.output<typeof stackSchema>> {
  const { document, repeated } = await readJson(file);
  const parsed = stackSchema.safeParse(document);
  const problems = [
    ...repeatedProblems(repeated.filter(([key = ""]) => key in stackSchema.shape)),
    ...(parsed.success ? [] : schemaProblems(parsed.error, document)),
  ];
  if (!parsed.success || problems.length > 0) throw invalid(file, problems);
  return parsed.data;
}

/** A stack named on the command line. Throws a `Failure` when AWS could not take such names. */
export function checkedName(name: string, environment: string): { name: string; environment: string } {
  const parsed = configSchema.pick({ name: true, environment: true }).safeParse({ name, environment });
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error, { name, environment });
  throw new Failure({
    code: "wrong-call",
    message: "There can be no such stack.",
    reason: problems.map(({ path: place, expected, got }) => `--${place}: expected ${expected}, got ${got}`).join("\n"),
    fix: "Mend --name or --environment.",
  });
}
