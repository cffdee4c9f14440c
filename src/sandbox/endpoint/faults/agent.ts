import type { Call } from "../call.ts";
import type { Agent } from "./rule.ts";

/** Which tool makes a call, by its user agent: Packer names itself, and this package uses the SDK for JavaScript. */
export function agentOf({ headers }: Call): Agent | undefined {
  const told = `${headers["user-agent"] ?? ""} ${headers["x-amz-user-agent"] ?? ""}`.toLowerCase();
  if (told.includes("packer")) return "packer";
  return told.includes("aws-sdk-js") ? "multivac" : undefined;
}
