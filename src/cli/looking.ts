import type { Add } from "./add.ts";
import { named } from "./options.ts";

/** What shows a stack and changes nothing. */
export function addLooking(add: Add): void {
  named(add("status", "show what is there and how it is", async () => (await import("../commands/status.ts")).status));

  const releases = add(
    "releases",
    "list the releases there are and which one is live",
    async () => (await import("../commands/releases.ts")).releases,
  );
  named(releases);
}
