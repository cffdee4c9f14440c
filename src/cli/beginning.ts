import type { Add } from "./add.ts";

/** What comes before a stack is there. */
export function addBeginning(add: Add): void {
  add(
    "validate",
    "check the config alone, without AWS",
    async () => (await import("../commands/validate.ts")).validate,
  );
  add("schema", "print the JSON schema of the config", async () => (await import("../commands/schema.ts")).schema);
}
