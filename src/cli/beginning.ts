import { Argument } from "commander";
import type { Add } from "./add.ts";
import { roleName } from "./options.ts";

/** What comes before a stack is there. */
export function addBeginning(add: Add): void {
  add(
    "validate",
    "check the config alone, without AWS",
    async () => (await import("../commands/validate.ts")).validate,
  );
  add("schema", "print the JSON schema of the config", async () => (await import("../commands/schema.ts")).schema);

  add(
    "policy",
    "print the least IAM policies for this config; deploy's and destroy's come on top of read's",
    async () => (await import("../commands/policy.ts")).policy,
  )
    .addArgument(new Argument("[part]", "one of them").choices(["read", "deploy", "destroy", "old-packer"]))
    .option("--role <name>", "the role in instances.instanceProfile, where it has another name", roleName);
}
