import { createHash } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { Call } from "../call.ts";

/** Who calls, as the sandbox's STS tells it. */
const user = (account: string) => `arn:aws:iam::${account}:user/moto`;

/** What EC2's ids begin with, and what the type is called in an ARN. */
const types: Record<string, string> = {
  ami: "image",
  eni: "network-interface",
  i: "instance",
  lt: "launch-template",
  sg: "security-group",
  snap: "snapshot",
  subnet: "subnet",
  vol: "volume",
  vpc: "vpc",
};

/** What it was that was not allowed, where that is not the call as a whole. */
interface Refused {
  /** `iam:PassRole`, as another service may ask for on the way. */
  action: string;
  /** An ARN or `*`. */
  resource: string;
  /** A policy denies it; otherwise none allows it. */
  explicit: boolean;
}

/**
 * A policy does not allow the call. EC2 says `UnauthorizedOperation` with an encoded message, the Query services
 * `AccessDenied` (IAM user guide, "Troubleshoot access denied error messages").
 */
export function notAllowed(call: Call, account: string, refused?: Refused): AwsError {
  const { service, requestId } = call;
  const action = refused?.action ?? `${service}:${call.action}`;
  const resource = refused ? refused.resource.replace(/^\*$/, "") : resourceOf(call, account);
  const on = resource ? ` on resource: ${resource}` : "";
  const why = refused?.explicit
    ? "with an explicit deny in an identity-based policy"
    : `because no identity-based policy allows the ${action} action`;
  const sentence = `User: ${user(account)} is not authorized to perform: ${action}${on} ${why}`;
  // Auto Scaling tries a launch, and tells no more of it ("Troubleshoot … launch templates", Auto Scaling user guide).
  if (service === "autoscaling" && !action.startsWith("autoscaling:") && !action.endsWith("ServiceLinkedRole"))
    return new AwsError("AccessDenied", `You are not authorized to use launch template: ${templateOf(call)}`, 403);
  if (service === "servicequotas") return new AwsError("AccessDeniedException", sentence);
  if (service !== "ec2") return new AwsError("AccessDenied", sentence, 403);
  return new AwsError(
    "UnauthorizedOperation",
    `You are not authorized to perform this operation. ${sentence}. Encoded authorization failure message: ${encoded(requestId)}`,
    403,
  );
}

function templateOf({ form }: Call): string {
  const named = [...(form ?? [])].find(([name]) => /LaunchTemplate\.LaunchTemplate(Id|Name)$/.test(name));
  return named?.[1] ?? "";
}

/** The resource that the call is about; undefined for reads of lists, whose permission is not about one. */
function resourceOf({ service, action, region, form }: Call, account: string): string | undefined {
  if (!form || /^(Describe|List|Get)/.test(action)) return undefined;
  const parameters = [...form].filter(([name]) => !/^(Action|Version|Tag|Filter)/.test(name));
  const arn = parameters.find(([, value]) => value.startsWith("arn:"));
  if (arn && !action.startsWith("Create")) return arn[1];
  if (service === "autoscaling") {
    const group = form.get("AutoScalingGroupName") ?? form.get("Tags.member.1.ResourceId") ?? "*";
    return `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/${group}`;
  }
  if (service === "elasticloadbalancing") {
    const type =
      action === "CreateTargetGroup"
        ? "targetgroup"
        : action === "CreateListener"
          ? "listener/app"
          : "loadbalancer/app";
    return `arn:aws:elasticloadbalancing:${region}:${account}:${type}/${form.get("Name") ?? "*"}/*`;
  }
  if (service !== "ec2") return undefined;
  if (action === "RunInstances") return `arn:aws:ec2:${region}:${account}:instance/*`;
  const named = parameters
    .map(([, value]) => /^([a-z]+)-[0-9a-f]{8,17}$/.exec(value))
    .find((id) => id?.[1] && id[1] in types);
  if (named?.[1] && !action.startsWith("Create")) {
    return `arn:aws:ec2:${region}:${named[1] === "ami" || named[1] === "snap" ? "" : account}:${types[named[1]]}/${named[0]}`;
  }
  const noun = action.replace(/^[A-Z][a-z]+/, "").replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-");
  return `arn:aws:ec2:${region}:${account}:${noun.toLowerCase()}/*`;
}

/** Opaque to everybody but AWS; the same for the same request. */
function encoded(requestId: string): string {
  const parts = [1, 2, 3, 4].map((part) => createHash("sha512").update(`${requestId}${part}`).digest("base64url"));
  return parts.join("");
}
