import { Failure } from "../failure.ts";
import { schemaProblems } from "./problems.ts";
import { configSchema } from "./schema.ts";

/** A stack named on the command line. Throws a `Failure` when AWS could not take such names. */
export function checkedName(name: string, environment: string): { name: string; environment: string } {
  return refuseWrong({ name, environment });
}

/** An environment named on the command line, if one was. Throws a `Failure` when AWS could not take such a name. */
export function checkedEnvironment(environment: string | undefined): string | undefined {
  return environment === undefined ? undefined : refuseWrong({ environment }).environment;
}

function refuseWrong<T extends { name?: string; environment: string }>(given: T): T {
  const parsed = configSchema.pick({ name: true, environment: true }).partial().safeParse(given);
  if (parsed.success) return given;
  const problems = schemaProblems(parsed.error, given);
  throw new Failure({
    code: "wrong-call",
    message: "There can be no such stack.",
    reason: problems
      .map(({ path: [option], expected, got }) => `--${option}: expected ${expected}, got ${got}`)
      .join("\n"),
    fix: "Mend --name or --environment.",
  });
}
