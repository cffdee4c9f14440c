import { Failure } from "../failure.ts";
import { type CheckPrerequisitesOptions, missingPrerequisites } from "./prerequisites.ts";

/** Refuses a host that lacks what a sandbox needs, naming everything at once. */
export async function checkHost(options: CheckPrerequisitesOptions): Promise<void> {
  const missing = await missingPrerequisites(options);
  if (missing.length === 0) return;
  const alone = options.machines ? "\nThe AWS API alone needs less: multivac sandbox start --no-machines." : "";
  throw new Failure({
    code: "missing-prerequisites",
    message: `This machine lacks what the sandbox needs: ${missing.map(({ what }) => what).join(", ")}.`,
    reason: missing.map(({ what, why }) => `${what} ${why}`).join("; "),
    fix: `${[...new Set(missing.map(({ fix }) => fix))].join("\n")}${alone}`,
  });
}
