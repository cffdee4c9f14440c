import { toolEnvironment } from "../../bake/environment.ts";
import { atLeast } from "../../bake/packer-version.ts";
import { findPacker } from "../../bake/tools.ts";
import { type Check, NotChecked } from "../check.ts";
import { packer } from "./tools.ts";

/** What the template asks of Packer (packer/plugins.pkr.hcl). */
const wanted = ["amazon", "ansible"];

/** Whether the first bake has to fetch Packer's plugins. They are built into Packer before 1.7. */
export const packerPlugins: Check = {
  name: "packer-plugins",
  needs: [packer],
  async look(ground) {
    const env = toolEnvironment(ground.env);
    if (!atLeast(await findPacker(env), 1, 7)) return "built into this Packer";
    const { execa } = await import("execa");
    const asked = { env, extendEnv: false, stdin: "ignore", reject: false, timeout: 10_000 } as const;
    const { exitCode, stdout, stderr } = await execa("packer", ["plugins", "installed"], asked);
    if (exitCode !== 0) throw new NotChecked(`packer plugins installed: ${stderr.split("\n")[0] || "no answer"}`);
    const found = wanted.map((name) => ({ name, version: versionOf(name, stdout) }));
    const missing = found.filter(({ version }) => !version).map(({ name }) => name);
    if (missing.length === 0) return found.map(({ name, version }) => `${name} ${version}`).join(", ");
    return {
      state: "warning",
      detail: `the first bake fetches ${missing.join(" and ")} from github.com`,
      fix: missing.map((name) => `packer plugins install github.com/hashicorp/${name}`).join("\n"),
    };
  },
};

/** The newest of a plugin's files, which are named like `packer-plugin-amazon_v1.3.2_x5.0_linux_amd64`. */
function versionOf(name: string, listed: string): string | undefined {
  const found = [...listed.matchAll(new RegExp(`/packer-plugin-${name}_v([\\d.]+)_`, "g"))];
  return found
    .map(([, version = ""]) => version)
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .at(-1);
}
