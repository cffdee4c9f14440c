import { Failure } from "../failure.ts";
import { type CheckPrerequisitesOptions, installCommand, missingPrerequisites } from "./prerequisites.ts";

/** Refuses a host that lacks what a sandbox needs, naming everything at once. */
export async function checkHost(options: CheckPrerequisitesOptions): Promise<void> {
  const missing = await missingPrerequisites(options);
  if (missing.length === 0) return;
  const install = installCommand(missing);
  const others = missing.filter(({ debianPackage }) => !debianPackage).map(({ fix }) => fix);
  throw new Failure({
    code: "missing-prerequisites",
    message: `This machine lacks what the sandbox needs: ${missing.map(({ what }) => what).join(", ")}.`,
    reason: missing.map(({ what, why }) => `${what}: ${why}`).join("\n"),
    fix: [
      ...(install ? [`Install what is missing: ${install.join(" ")}`] : []),
      ...others,
      ...(options.machines
        ? ["Or start the AWS API alone, which needs less: multivac sandbox start --no-machines"]
        : []),
    ].join("\n"),
  });
}
