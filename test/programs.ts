import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "./command-line.ts";

/** A PATH with these programs of this host, and scripts in place of others. */
export async function programs(t: TestContext, names: readonly string[], scripts: Record<string, string> = {}) {
  const folder = path.join(await temporaryFolder(t), "bin");
  await mkdir(folder);
  for (const name of ["sh", "bash", "env", "python3", ...names])
    await symlink(`/usr/bin/${name}`, path.join(folder, name));
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(path.join(folder, name), `#!/bin/sh\n${text}\n`);
    await chmod(path.join(folder, name), 0o755);
  }
  return { PATH: folder };
}
