import { looking } from "../looking.ts";
import type { Add } from "./add.ts";
import { examples } from "./examples.ts";
import { intervalOption, lineCount, named, reaching } from "./options.ts";

/** What shows a stack and changes nothing. */
export function addLooking(add: Add): void {
  add(
    "status",
    "show what is there and how it is",
    async () => looking((await import("../commands/status.ts")).status),
    (status) =>
      examples(
        named(status)
          .option("--watch", "go on looking until Ctrl-C, and show what changes")
          .addOption(intervalOption())
          .option("--all", "every stack of the account and region, a line each"),
        [
          ["of the config in this folder", "multivac status"],
          ["without a config", "multivac status --name hello --environment dev --region ap-southeast-2"],
          ["what a deploy does, as it happens", "multivac status --watch"],
          ["all there is in a region", "multivac status --all --region ap-southeast-2"],
        ],
      ),
  );
  add(
    "releases",
    "list the releases there are and which one is live",
    async () => looking((await import("../commands/releases.ts")).releases),
    named,
  );
  add("open", "open the site in the browser", async () => looking((await import("../commands/open.ts")).open), named);
  add(
    "logs",
    "show what the app has written",
    async () => (await import("../commands/logs.ts")).logs,
    (logs) =>
      examples(
        reaching(logs, ["ssh", "ssm", "console"])
          .option("--instance <id>", "of this instance alone")
          .option("--since <time>", "from then on: 10m, 2h, 3d ago, or a date")
          .option(
            "-n, --lines <number>",
            "the last so many of each instance; default: 100, with --since all",
            lineCount,
          )
          .option("-f, --follow", "go on showing what comes until Ctrl-C"),
        [
          ["the last lines, and what comes", "multivac logs --follow"],
          ["of one instance, the last two hours", "multivac logs --instance i-0123456789abcdef0 --since 2h"],
        ],
      ),
  );
  add(
    "ssh",
    "open a shell on an instance, or run a command there",
    async () => (await import("../commands/ssh.ts")).ssh,
    (ssh) =>
      examples(reaching(ssh, ["ssh", "ssm"]).usage("[options] [instance] [-- command...]"), [
        ["a shell on the only instance", "multivac ssh"],
        ["a command", "multivac ssh i-0123456789abcdef0 -- sudo systemctl status app"],
      ]),
  )
    .argument("[instance]", "its id, or the beginning of it; default: the only one, or asked")
    .argument("[command...]", "after --: what to run in place of a shell");
  add(
    "events",
    "tell what happened to the stack, newest last",
    async () => looking((await import("../commands/events.ts")).events),
    (events) =>
      examples(named(events).option("--since <time>", "from then on: 2h or 3d ago, or a date"), [
        ["of the config in this folder", "multivac events"],
        ["of the last two hours", "multivac events --since 2h"],
        ["of a stack that is gone", "multivac events --name hello --environment dev --region ap-southeast-2"],
      ]),
  );
  add(
    "cost",
    "estimate what the config costs a month on AWS",
    async () => looking((await import("../commands/cost.ts")).cost),
    (cost) =>
      examples(cost, [
        ["before anything is made", "multivac cost"],
        ["for a script", "multivac cost --json"],
      ]),
  );
}
