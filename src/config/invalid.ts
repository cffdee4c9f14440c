import { Failure } from "../failure.ts";
import { type Problem, problemLine } from "./problems.ts";

/** A config with problems. */
export class ConfigInvalid extends Failure {
  readonly problems: readonly Problem[];

  /** `right` are environments of the file without a problem. */
  constructor(file: string, problems: readonly Problem[], right: readonly string[] = []) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const incomplete = right.length > 0 && problems.every(({ is, within }) => is === "missing" && within);
    super({
      code: "config-invalid",
      message: `${file} has ${count}.`,
      reason: problems.map(problemLine).join("\n"),
      fix: incomplete
        ? `Choose an environment that is complete, with ${right.map((name) => `--environment ${name}`).join(" or ")}, or mend the file; nothing was changed.`
        : "Mend the file; nothing was changed.",
    });
    this.problems = problems;
  }
}
