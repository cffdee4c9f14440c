import type { SandboxRecord } from "../sandbox/record.ts";
import type { BroughtUp } from "./bring-up.ts";
import { packagesWithoutIndex } from "./debian-packages.ts";
import { ownFile } from "./requirements.ts";

/**
 * What differs for a config that is written for the sandbox: where its machines reach no Python package index, Debian's
 * packages take the place of what pip would bring, as far as Debian has them. `again` is the command for AWS.
 */
export async function inSandbox(brought: BroughtUp, sandbox: SandboxRecord, again: string): Promise<BroughtUp> {
  const notes = [
    ...brought.notes,
    `network holds the sandbox's own ids, which --sandbox takes whatever the config says. For AWS write it anew: ${again}`,
  ];
  const debian = sandbox.machines ? await packagesWithoutIndex(brought.needs) : undefined;
  if (!debian) return { ...brought, notes };
  const { packages, missing } = debian;
  const { requirements, ...app } = {
    ...brought.app,
    packages: [...new Set([...(brought.app.packages ?? []), ...packages])],
  };
  const os = "debian-12";
  const told = `No Python package index can be reached from here, so Debian's packages are taken: ${packages.join(", ") || "none"}.`;
  // The program `python` is there by the requirements' virtual environment alone.
  const dropped = missing.length === 0 && !/(^|\s)python\s/.test(app.command ?? "");
  if (!dropped) {
    const lacks =
      missing.length > 0 ? ` It has no fitting one for ${missing.join(", ")}: the bake will fail on that.` : "";
    return {
      ...brought,
      app: { ...app, ...(requirements ? { requirements } : {}) },
      os,
      notes: [...notes, `${told}${lacks}`],
    };
  }
  return {
    ...brought,
    app,
    os,
    files: brought.files.filter(({ file }) => !file.endsWith(ownFile)),
    notes: [
      ...notes.filter((note) => !note.includes(ownFile)),
      requirements === ownFile || !requirements ? told : `${told} They are in place of ${requirements}.`,
    ],
  };
}
