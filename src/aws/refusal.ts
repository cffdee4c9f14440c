import { sameCommand } from "../failure.ts";

/** What a message of AWS tells about a permission that is missing. */
interface Refusal {
  /** ARN of the user or role. */
  who: string | undefined;
  /** The IAM action, where the message names it: often another than the one that was called. */
  action: string | undefined;
  resource: string | undefined;
  /** AWS's words without the encoded part. */
  words: string;
  /** What only AWS can read: the policies that were looked at. */
  encoded: string | undefined;
}

/** Reads "User: … is not authorized to perform: … on resource: … because …" (IAM user guide, "Access denied error messages"). */
function readRefusal(message: string): Refusal {
  const found =
    /(?:User|Principal): (?<who>\S+) is not authorized to perform: (?<action>\S+?)(?: on resource: (?<resource>\S+?))?(?=\.?(?:\s|$))/.exec(
      message,
    );
  const [words = "", encoded] = message.split(/\s*Encoded authorization failure message: */);
  return {
    who: found?.groups?.who,
    action: found?.groups?.action,
    resource: found?.groups?.resource,
    words,
    encoded: encoded?.split(/\s/)[0],
  };
}

/**
 * Message, reason and next step where credentials may not do something. `action` is the one that was called, `toPacker`
 * whether Packer did: an old one needs a policy besides.
 */
export function notAllowed(
  said: string,
  action: string | undefined,
  toPacker = false,
): { message: string; reason: string; fix: string } {
  const refusal = readRefusal(said);
  const launch = /not authorized to use launch template/.test(said);
  const missing = refusal.action ?? (launch ? "ec2:RunInstances" : action) ?? "what was asked";
  const needed = action === undefined || missing === action ? "" : `, which ${action} needs`;
  return {
    message: `These credentials may not do ${missing}${needed}.`,
    reason: refusal.words,
    fix: [
      howToAllow(refusal, missing, { launch, toPacker }),
      ...(refusal.encoded
        ? [
            `See which policies were looked at: aws sts decode-authorization-message --query DecodedMessage --output text --encoded-message ${refusal.encoded}`,
          ]
        : []),
    ].join("\n"),
  };
}

function howToAllow(
  { who, resource, words }: Refusal,
  missing: string,
  { launch, toPacker }: { launch: boolean; toPacker: boolean },
): string {
  const [to, on] = [who ?? "your user or role", resource ? ` on ${resource}` : ""];
  const service = /aws-service-role\/([^/]+)\//.exec(resource ?? "")?.[1];
  if (missing === "iam:CreateServiceLinkedRole") {
    const once = `aws iam create-service-linked-role --aws-service-name ${service ?? "autoscaling.amazonaws.com"}`;
    return `Once in an account, let an administrator run: ${once}\nOr let them allow ${missing}${on} to ${to}. Then run again: ${sameCommand}`;
  }
  if (launch) {
    return `Auto Scaling tries the launch with your permissions: let an administrator allow ec2:RunInstances and ec2:CreateTags, and for instances.instanceProfile iam:PassRole, to ${to}, then run again: ${sameCommand}`;
  }
  if (/explicit deny/.test(words)) {
    return `A policy denies it: let an administrator take that away for ${missing}${on} and ${to}, then run again: ${sameCommand}`;
  }
  const printed = "All that this stack needs is printed by: multivac policy";
  const besides = toPacker ? "\nWhat a Packer older than 1.7 needs besides: multivac policy old-packer" : "";
  return `Let an administrator allow ${missing}${on} to ${to}, then run again: ${sameCommand}\n${printed}${besides}`;
}
