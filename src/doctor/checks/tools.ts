import { toolEnvironment } from "../../bake/environment.ts";
import { packerVersionText } from "../../bake/packer-version.ts";
import { findAnsible, findPacker, findSsh } from "../../bake/tools.ts";
import { Failure } from "../../failure.ts";
import type { Check } from "../check.ts";

export const node: Check = {
  name: "node",
  look: async () => process.versions.node,
};

export const packer = tool("packer", async (env) => packerVersionText(await findPacker(env)));
export const ansible = tool("ansible", findAnsible);
export const ssh = tool("ssh", findSsh);

/** A program that a bake runs. Without a bake nothing is lost where it is not there. */
function tool(name: string, find: (env: Record<string, string>) => Promise<string>): Check {
  return {
    name,
    async look(ground) {
      try {
        return await find(toolEnvironment(ground.env));
      } catch (error) {
        if (!(error instanceof Failure) || (await ground.bakes().catch(() => true))) throw error;
        const { reason, fix = "" } = error;
        return { state: "warning", detail: `${reason}; it is needed only to bake, and image.id names an image`, fix };
      }
    },
  };
}
