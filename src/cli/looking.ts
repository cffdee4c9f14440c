import type { Add } from "./add.ts";
import { examples } from "./examples.ts";
import { named } from "./options.ts";

/** What shows a stack and changes nothing. */
export function addLooking(add: Add): void {
  const status = add(
    "status",
    "show what is there and how it is",
    async () => (await import("../commands/status.ts")).status,
  );
  examples(named(status), [
    ["of the config in this folder", "multivac status"],
    ["without a config", "multivac status --name hello --environment dev --region ap-southeast-2"],
  ]);

  const releases = add(
    "releases",
    "list the releases there are and which one is live",
    async () => (await import("../commands/releases.ts")).releases,
  );
  named(releases);
}
