import { readTags } from "../aws/tags.ts";
import type { Deletable, Live } from "../engine/resource.ts";
import { lockOf } from "../lock/lock.ts";
import { lockName } from "../stack.ts";
import { namedTemplates } from "./launch-template.ts";

/** The lock that somebody holds; found beside the stack, and freed by its holder alone. */
export const stackLock: Deletable<Live> = {
  resource: "lock",
  kind: "launch-template",
  dependsOn: [],

  async find(look) {
    const name = lockName(look.stack);
    const found = (await namedTemplates(look)).find(({ LaunchTemplateName }) => LaunchTemplateName === name);
    // One that is not the stack's is told at once.
    const lock = lockOf(look.stack, found);
    return lock ? [{ id: lock.id, name, tags: readTags(found?.Tags) }] : [];
  },
};
