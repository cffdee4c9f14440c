import type { Add } from "./add.ts";
import { named, seconds } from "./options.ts";

/** What shows a stack and changes nothing. */
export function addLooking(add: Add): void {
  const status = add(
    "status",
    "show what is there and how it is",
    async () => (await import("../commands/status.ts")).status,
  );
  named(status)
    .option("--watch", "go on looking until Ctrl-C, and show what changes")
    .option("--interval <seconds>", "between two looks of --watch; default: 5", seconds)
    .option("--all", "every stack of the account and region, a line each");

  const releases = add(
    "releases",
    "list the releases there are and which one is live",
    async () => (await import("../commands/releases.ts")).releases,
  );
  named(releases);

  named(add("open", "open the site in the browser", async () => (await import("../commands/open.ts")).open));
}
