import { writeOut } from "../cli/standard-streams.ts";
import type { VersionDocument } from "../documents.ts";
import { findProgram } from "../programs.ts";

/** Prints the versions of what multivac runs on, below its own; it is slow only where these are new to it. */
export async function printToolVersions(): Promise<void> {
  const { packer, ansible } = await toolVersions();
  writeOut(`node ${process.versions.node}\npacker ${shown(packer)}\nansible ${shown(ansible)}\n`);
}

/** Prints the same as one JSON document. What is not there, or cannot be used, is null. */
export async function printVersionDocument(own: string): Promise<void> {
  const { packer, ansible } = await toolVersions();
  const document: VersionDocument = {
    multivac: own,
    node: process.versions.node,
    packer: packer.version ?? null,
    ansible: ansible.version ?? null,
  };
  writeOut(`${JSON.stringify({ version: 1, ...document })}\n`);
}

async function toolVersions() {
  const [packer, ansible] = await Promise.all([
    found("packer", async ({ findPacker, packerVersionText, env }) => packerVersionText(await findPacker(env))),
    found("ansible-playbook", ({ findAnsible, env }) => findAnsible(env)),
  ]);
  return { packer, ansible };
}

/** How programs are asked; loaded only where there is one. */
async function asking() {
  const [{ toolEnvironment }, tools, { packerVersionText }] = await Promise.all([
    import("../bake/environment.ts"),
    import("../bake/tools.ts"),
    import("../bake/packer-version.ts"),
  ]);
  return { ...tools, packerVersionText, env: toolEnvironment(process.env) };
}

interface Tool {
  version?: string;
  why?: string;
}

async function found(
  program: string,
  version: (by: Awaited<ReturnType<typeof asking>>) => Promise<string>,
): Promise<Tool> {
  if (!findProgram(program, process.env.PATH)) return { why: "not found" };
  return await version(await asking()).then(
    (text) => ({ version: text }),
    ({ reason }: { reason?: string }) => ({ why: `not usable: ${reason}` }),
  );
}

function shown({ version, why = "" }: Tool): string {
  return version ?? why;
}
