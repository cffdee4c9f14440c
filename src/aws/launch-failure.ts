import { Failure, sameCommand } from "../failure.ts";
import { overQuota } from "./quotas.ts";
import { notAllowed } from "./refusal.ts";

interface Cause {
  says: RegExp;
  code?: string;
  message?: string;
  fix(said: string): string;
  /** 3 where the group gets over it by itself once AWS can. */
  exitCode?: number;
}

const again = `then run again (all that was made so far is kept): ${sameCommand}`;

/** AWS's words for launches that fail (Auto Scaling user guide, "EC2 instance launch failures"), and what to do. */
const causes: readonly Cause[] = [
  {
    says: /not have sufficient .* capacity|InsufficientInstanceCapacity|Insufficient capacity/i,
    code: "no-capacity",
    message: "AWS has no capacity for these instances now.",
    fix: () =>
      `The group goes on trying. Go on waiting, or set another instances.type or other network.subnetIds, and run again: ${sameCommand}`,
    exitCode: 3,
  },
  {
    says: /VcpuLimitExceeded|vCPU (capacity|limit)|InstanceLimitExceeded/i,
    code: "quota-reached",
    message: "A quota of the account does not allow more instances.",
    fix: () => overQuota("VcpuLimitExceeded")?.fix ?? "",
  },
  {
    says: /not authorized to perform/i,
    code: "not-allowed",
    message: "Auto Scaling may not launch the instances.",
    fix: (said) => notAllowed(said, undefined).fix,
  },
  {
    says: /Client\.InternalError|KMS/,
    fix: () =>
      `Let the key policy of the KMS key that encrypts your volumes allow the role AWSServiceRoleForAutoScaling to use it, ${again}`,
  },
  {
    says: /not supported in your requested Availability Zone|requested configuration is currently not supported/i,
    fix: () => `Set another instances.type, or network.subnetIds in zones that offer it, ${again}`,
  },
  { says: /key pair/i, fix: () => `Set instances.keyName to a key pair of this region, or to null, ${again}` },
  {
    says: /IAM Instance Profile/i,
    fix: () => `Set instances.instanceProfile to one that is there, or to null, ${again}`,
  },
];

/** Why a group's launches fail, by what its failed activities say. */
export function launchFailure(said: string): Failure {
  const cause = causes.find(({ says }) => says.test(said));
  return new Failure({
    code: cause?.code ?? "launch-failed",
    message: cause?.message ?? "AWS cannot launch the instances.",
    reason: said,
    fix: cause?.fix(said) ?? `Mend what AWS names, ${again}`,
    exitCode: cause?.exitCode ?? 1,
  });
}
