import type { Add } from "./add.ts";

/** What comes before a stack is there. */
export function addBeginning(add: Add): void {
  add(
    "doctor",
    "check that everything a deploy needs is there and allowed",
    async () => (await import("../commands/doctor.ts")).doctor,
  );
  add(
    "validate",
    "check the config alone, without AWS",
    async () => (await import("../commands/validate.ts")).validate,
  );
  add("schema", "print the JSON schema of the config", async () => (await import("../commands/schema.ts")).schema);
}
