import { AwsError } from "../aws-error.ts";

/** Refuses a name that a load balancer or a target group cannot have. */
export function checkName(what: "load balancer" | "target group", name: string): void {
  const refuse = (why: string) => {
    throw new AwsError("ValidationError", `The ${what} name '${name}' ${why}`);
  };
  if (name.length > 32) refuse("cannot be longer than '32' characters");
  if (!/^[A-Za-z0-9-]+$/.test(name))
    refuse("can only contain characters that are alphanumeric characters or hyphens(-)");
  if (/^-|-$/.test(name)) refuse("cannot begin or end with '-'");
  if (name.startsWith("internal-")) refuse("cannot begin with 'internal-'");
}
