import { looking } from "../looking.ts";
import type { Add } from "./add.ts";
import { examples } from "./examples.ts";
import { amiId, locking, named, waiting } from "./options.ts";

/** What changes a stack, or says what would. */
export function addChanging(add: Add): void {
  add(
    "plan",
    "show what deploy would do; change nothing",
    async () => looking((await import("../commands/plan.ts")).plan),
    (plan) =>
      examples(
        plan
          .option("--out <file>", "save the plan, for deploy --plan")
          .option("--detailed-exitcode", "exit with 2 when there are changes")
          .option("--refresh-base", "plan for the newest image of the system, with all updates")
          .option("--image <ami>", "plan for this image instead of baking the app", amiId),
        [
          ["see what deploy would do", "multivac plan"],
          [
            "save it, let somebody look, apply exactly that",
            "multivac plan --out plan.json",
            "multivac deploy --plan plan.json",
          ],
          ["in a pipeline: exit code 2 says that there are changes", "multivac plan --detailed-exitcode --json"],
        ],
      ),
  );
  add(
    "deploy",
    "bake unless it is baked, bring AWS to the config, print the URL",
    async () => (await import("../commands/deploy.ts")).deploy,
    (deploy) =>
      examples(
        locking(deploy)
          .option("--image <ami>", "deploy this image and bake nothing", amiId)
          .option("--plan <file>", "apply this saved plan without asking, or refuse where anything has changed since")
          .option("--no-wait", "return once AWS has accepted everything; the next deploy tidies up")
          .option("--refresh-base", "bake on the newest image of the system, with all updates")
          .option("--keep-failed-image", "keep the image of a release that fails, for a look"),
        [
          ["bake, deploy, print the URL", "multivac deploy"],
          ["in a pipeline: no question, one JSON document", "multivac deploy --yes --json"],
          ["an image that is there already", "multivac deploy --image ami-0123456789abcdef0"],
          ["patch the system: its newest image, all updates", "multivac deploy --refresh-base"],
        ],
      ),
  );
  add(
    "rollback",
    "roll to an earlier release without a bake; default: the one before",
    async () => (await import("../commands/rollback.ts")).rollback,
    (rollback) =>
      examples(locking(named(rollback)), [
        ["to the release before", "multivac rollback"],
        ["to one of those that are kept", "multivac releases", "multivac rollback 3f15e169fbe3"],
      ]),
  ).argument("[release]", "a release that multivac releases lists");
  add(
    "abort",
    "roll back the roll under way, from any machine",
    async () => (await import("../commands/abort.ts")).abort,
    (abort) => waiting(named(abort)),
  );
  add("unlock", "free the lock of a run that hangs", async () => (await import("../commands/unlock.ts")).unlock, named);
  add(
    "destroy",
    "take down everything of the stack, then look again",
    async () => (await import("../commands/destroy.ts")).destroy,
    (destroy) =>
      examples(
        locking(named(destroy))
          .option("--keep-images", "keep the images and their snapshots")
          .option("--force", "take down what is protected against deletion too"),
        [
          ["everything of the stack; asks for its name", "multivac destroy"],
          ["without a config", "multivac destroy --name hello --environment dev --region ap-southeast-2"],
          ["all but the images, to deploy them again", "multivac destroy --keep-images"],
        ],
      ),
  );
}
