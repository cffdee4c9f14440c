import { partitionOf } from "../aws/partition.ts";
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

export function arn({ region, account = "*" }: Subject, service: string, rest: string): string {
  return `arn:${partitionOf(region)}:${service}:${service === "iam" ? "" : region}:${ownerOf(rest, account)}:${rest}`;
}

/**
 * Images and snapshots are of no account in IAM's eyes. A VPC and its subnets are their owner's, also where another account
 * uses them that they are shared with ("Share your VPC with other accounts", VPC user guide); their ids are nobody else's.
 */
function ownerOf(rest: string, account: string): string {
  if (/^(image|snapshot)\//.test(rest)) return "";
  return /^(vpc|subnet)\//.test(rest) ? "*" : account;
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
