import { causeOf } from "../aws/causes.ts";
import { Failure, sameCommand } from "../failure.ts";
import type { AnsibleFailure } from "./ansible-failure.ts";
import { readAwsError } from "./aws-error.ts";
import type { GroupResult } from "./process-group.ts";

/** What is known of a bake that made no image. */
export interface BakeEnd {
  result: Partial<GroupResult>;
  ansible?: AnsibleFailure | undefined;
  /** Packer's own last error. */
  packer?: string | undefined;
  logFile: string;
}

/** Next steps for what Packer most often meets. */
const FIXES: readonly (readonly [RegExp, string])[] = [
  [/Timeout waiting for SSH/, "Check that the subnet lets this machine reach the builder on port 22."],
  [/InvalidAMIID|InvalidAMIName/, "Check that the base image is there and allowed in this account and region."],
  [/is used by an existing AMI/, "Deregister that AMI, or use it with --image."],
];

/** Nothing had been made yet. */
export function interruptedEarly(): Failure {
  return new Failure({
    code: "bake-interrupted",
    message: "The bake was interrupted before it began.",
    reason: "Nothing had been made.",
    fix: `Begin again with: ${sameCommand}`,
    exitCode: 130,
  });
}

/** One failure that tells the task that failed and its message, never the whole log. */
export function bakeFailure(end: BakeEnd): Failure {
  const seeLog = `See the full log: ${end.logFile}`;
  switch (end.result.stopped) {
    case "asked":
      return new Failure({
        code: "bake-interrupted",
        message: "The bake was interrupted.",
        reason: "Packer has taken its builder down.",
        fix: `Begin again with: ${sameCommand}\n${seeLog}`,
        exitCode: 130,
      });
    case "killed":
      return new Failure({
        code: "bake-interrupted",
        message: "The bake was ended before Packer had tidied up.",
        reason: "A builder may be left. It ends by itself, and destroy finds it by its tags.",
        fix: `Begin again with: ${sameCommand}\n${seeLog}`,
        exitCode: 130,
      });
    case "timed-out":
      return new Failure({
        code: "bake-timed-out",
        message: "The bake took too long and was ended.",
        reason: "No bake may take longer than an hour.",
        fix: `See in the log what it waited for, then run again: ${sameCommand}\n${seeLog}`,
      });
  }
  if (
    end.ansible &&
    /no space left|enough free space|more space needed|needs? .* more space/i.test(end.ansible.excerpt)
  ) {
    return new Failure({
      code: "bake-failed",
      message: `The bake failed in Ansible's task "${end.ansible.task}": the builder's disk is full.`,
      reason: end.ansible.excerpt,
      fix: `Raise instances.volumeGiB, which the builder's disk is as large as, or leave out what the app does not need by app.exclude; in the sandbox, make room on this machine. Then run again: ${sameCommand}\n${seeLog}`,
    });
  }
  if (end.ansible) {
    return new Failure({
      code: "bake-failed",
      message: `The bake failed in Ansible's task "${end.ansible.task}".`,
      reason: end.ansible.excerpt,
      fix: `Mend what the task names, then run again: ${sameCommand}\n${seeLog}`,
    });
  }
  const refused = awsRefusal(end.packer ?? "", seeLog);
  if (refused) return refused;
  const reason = end.packer ?? (end.result.signal ? `Packer was ended by ${end.result.signal}` : undefined);
  const fix = FIXES.find(([pattern]) => pattern.test(reason ?? ""))?.[1];
  return new Failure({
    code: "bake-failed",
    message: "Packer could not bake the image.",
    reason,
    fix: `${fix ? `${fix}\n` : ""}Run again: ${sameCommand}\n${seeLog}`,
  });
}

/** What AWS refused Packer is told as what it refuses this process. */
function awsRefusal(packer: string, seeLog: string): Failure | undefined {
  const said = readAwsError(packer);
  const cause = said && causeOf(said);
  if (!cause) return undefined;
  const { code, message, reason = `${said.name}: ${said.message}`, fix } = cause;
  const { action, requestId } = said;
  return new Failure({
    code: code === "aws-refused" ? "bake-failed" : code,
    message: `Packer could not bake the image. ${message}`,
    reason,
    fix: `${fix}\n${seeLog}`,
    action,
    requestId,
  });
}
