import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { packageRoot } from "../command-line.ts";

/** A PATH with a current Packer that bakes nothing, and an Ansible that is asked for its version alone. */
export async function standIns(cwd: string): Promise<Record<string, string>> {
  const folder = path.join(cwd, "programs");
  await mkdir(folder);
  const packer = path.join(packageRoot, "test/policy/packer-stand-in.mjs");
  await writeFile(path.join(folder, "packer"), `#!/bin/sh\nexec "${process.execPath}" "${packer}" "$@"\n`);
  await writeFile(path.join(folder, "ansible-playbook"), "#!/bin/sh\necho 'ansible-playbook [core 2.14.0]'\n");
  for (const name of ["packer", "ansible-playbook"]) await chmod(path.join(folder, name), 0o755);
  return { PATH: `${folder}${path.delimiter}${process.env.PATH}`, XDG_STATE_HOME: path.join(cwd, "state") };
}
