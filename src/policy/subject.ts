import type { Config } from "../config/schema.ts";
import type { Stack } from "../stack.ts";

/** Whose policy it is. */
export interface Subject {
  stack: Stack;
  config: Config;
  region: string;
  /** 12 digits; undefined where nobody has told, then any account is meant. */
  account: string | undefined;
  /** The role in the config's instance profile. */
  role: string | undefined;
}

/** AWS's partitions, by what their regions begin with ("Amazon Resource Names", IAM user guide). */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

export function arn({ region, account = "*" }: Subject, service: string, rest: string): string {
  // Images and snapshots are of no account in IAM's eyes.
  const owner = /^(image|snapshot)\//.test(rest) ? "" : account;
  return `arn:${partitionOf(region)}:${service}:${service === "iam" ? "" : region}:${owner}:${rest}`;
}

/** Conditions: the call goes to the subject's region. */
export const inRegion = ({ region }: Subject) => ({ "aws:RequestedRegion": region });

/** Conditions: what is there has the stack's tags, or the call gives them to what it makes. */
export function tags(which: "ResourceTag" | "RequestTag", { stack }: Subject) {
  return {
    [`aws:${which}/multivac:name`]: stack.name,
    [`aws:${which}/multivac:environment`]: stack.environment,
  };
}

export function vpcOf(subject: Subject): string {
  return arn(subject, "ec2", `vpc/${subject.config.network.vpcId}`);
}
