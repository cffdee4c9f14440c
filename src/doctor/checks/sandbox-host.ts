import { checkHost } from "../../sandbox/check-host.ts";
import { foldersOf, sandboxId } from "../../sandbox/folders.ts";
import { missingPrerequisites } from "../../sandbox/prerequisites.ts";
import type { Check } from "../check.ts";

/** That this machine has what the sandbox needs; one that runs does so without what has gone since. */
export const sandboxHost: Check = {
  name: "sandbox",
  async look({ env, sandbox }) {
    const { cache } = foldersOf(sandboxId(env), env);
    const host = { machines: sandbox?.machines ?? true, cacheFolder: cache, environment: env };
    if (!sandbox) {
      await checkHost(host);
      return "this machine has what it needs; the first command that needs it starts it";
    }
    const how = sandbox.machines ? "with machines" : "without machines: it can deploy images, and bake none";
    const running = `${sandbox.id} is running, ${how}`;
    const missing = await missingPrerequisites(host);
    if (missing.length === 0) return running;
    const names = missing.map(({ what }) => what).join(", ");
    const fix = missing.map((one) => one.fix).join("\n");
    return { state: "warning", detail: `${running}; it could not be started again without ${names}`, fix };
  },
};
