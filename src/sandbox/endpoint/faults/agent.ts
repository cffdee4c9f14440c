import type { Call } from "../call.ts";
import type { Agent } from "./rule.ts";

/** Which tool makes a call, by its SDK: Packer has that for Go (and newer ones name themselves), this package that for JavaScript. */
export function agentOf({ headers }: Call): Agent | undefined {
  const told = `${headers["user-agent"] ?? ""} ${headers["x-amz-user-agent"] ?? ""}`.toLowerCase();
  if (told.includes("packer") || told.includes("aws-sdk-go")) return "packer";
  return told.includes("aws-sdk-js") ? "multivac" : undefined;
}
