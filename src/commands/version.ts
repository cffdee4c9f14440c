import { toolEnvironment } from "../bake/environment.ts";
import { packerVersionText } from "../bake/packer-version.ts";
import { findAnsible, findPacker } from "../bake/tools.ts";
import { findProgram } from "../programs.ts";

/** Prints the versions of what multivac runs on, below its own; it is slow only where these are new to it. */
export async function printToolVersions(): Promise<void> {
  // Whoever wants the first line alone may hang up after it.
  process.stdout.on("error", () => undefined);
  const env = toolEnvironment(process.env);
  const [packer, ansible] = await Promise.all([
    found("packer", async () => packerVersionText(await findPacker(env))),
    found("ansible-playbook", () => findAnsible(env)),
  ]);
  process.stdout.write(`node ${process.versions.node}\npacker ${packer}\nansible ${ansible}\n`);
}

/** The version, or why there is none. */
async function found(program: string, version: () => Promise<string>): Promise<string> {
  if (!findProgram(program, process.env.PATH)) return "not found";
  return await version().catch(({ reason }: { reason?: string }) => `not usable: ${reason}`);
}
