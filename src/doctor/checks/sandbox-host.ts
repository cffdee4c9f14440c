import { checkHost } from "../../sandbox/check-host.ts";
import { foldersOf, sandboxId } from "../../sandbox/folders.ts";
import type { Check } from "../check.ts";

/** That this machine has what the sandbox needs. */
export const sandboxHost: Check = {
  name: "sandbox",
  async look({ env, sandbox }) {
    const { cache } = foldersOf(sandboxId(env), env);
    await checkHost({ machines: sandbox?.machines ?? true, cacheFolder: cache, environment: env });
    if (!sandbox) return "this machine has what it needs; the first command that needs it starts it";
    return `${sandbox.id} is running, ${sandbox.machines ? "with" : "without"} machines`;
  },
};
