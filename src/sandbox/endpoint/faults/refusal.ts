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

/**
 * A policy does not allow the call. EC2 says `UnauthorizedOperation` with an encoded message, the Query services
 * `AccessDenied`, those of the JSON protocol `AccessDeniedException` (IAM user guide, "Troubleshoot access denied error messages").
 */
export function notAllowed(call: Call, account: string): AwsError {
  const { service, action, requestId, form } = call;
  const name = `${service}:${action}`;
  const resource = resourceOf(call, account);
  const on = resource ? ` on resource: ${resource}` : "";
  const sentence = `User: ${user(account)} is not authorized to perform: ${name}${on} because no identity-based policy allows the ${name} action`;
  if (!form) return new AwsError("AccessDeniedException", sentence);
  if (service !== "ec2") return new AwsError("AccessDenied", sentence, 403);
  return new AwsError(
    "UnauthorizedOperation",
    `You are not authorized to perform this operation. ${sentence}. Encoded authorization failure message: ${encoded(requestId)}`,
    403,
  );
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
