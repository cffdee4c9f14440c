import { toolEnvironment } from "../bake/environment.ts";
import { packerVersionText } from "../bake/packer-version.ts";
import { findAnsible, findPacker } from "../bake/tools.ts";
import type { VersionDocument } from "../documents.ts";
import { findProgram } from "../programs.ts";

/** Prints the versions of what multivac runs on, below its own; it is slow only where these are new to it. */
export async function printToolVersions(): Promise<void> {
  // Whoever wants the first line alone may hang up after it.
  process.stdout.on("error", () => undefined);
  const { packer, ansible } = await toolVersions();
  process.stdout.write(`node ${process.versions.node}\npacker ${shown(packer)}\nansible ${shown(ansible)}\n`);
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
  process.stdout.write(`${JSON.stringify({ version: 1, ...document })}\n`);
}

async function toolVersions() {
  const env = toolEnvironment(process.env);
  const [packer, ansible] = await Promise.all([
    found("packer", async () => packerVersionText(await findPacker(env))),
    found("ansible-playbook", () => findAnsible(env)),
  ]);
  return { packer, ansible };
}

interface Tool {
  version?: string;
  why?: string;
}

async function found(program: string, version: () => Promise<string>): Promise<Tool> {
  if (!findProgram(program, process.env.PATH)) return { why: "not found" };
  return await version().then(
    (text) => ({ version: text }),
    ({ reason }: { reason?: string }) => ({ why: `not usable: ${reason}` }),
  );
}

function shown({ version, why = "" }: Tool): string {
  return version ?? why;
}
