import { devNull } from "node:os";
import { packagePath } from "./package-root.ts";
import type { Workspace } from "./workspace.ts";

/** What of a person's environment would change the bake: other credentials and endpoints, retries, Ansible's settings, variables. */
const LEFT_OUT = /^(AWS_|ANSIBLE_|PKR_VAR_)/;
/** Packer reaches AWS through the same proxy and authorities as the tool itself. */
const KEPT = new Set(["AWS_CA_BUNDLE"]);

/** A person's environment for Packer and Ansible themselves, of which no bake is wanted: to ask for their versions. */
export function toolEnvironment(inherited: NodeJS.ProcessEnv): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && (!LEFT_OUT.test(name) || KEPT.has(name))) env[name] = value;
  }
  return {
    ...env,
    CHECKPOINT_DISABLE: "1",
    ANSIBLE_NOCOLOR: "1",
    // Ansible refuses to run without UTF-8.
    LC_ALL: process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8",
  };
}

/** The environment of Packer, and through it of Ansible. */
export function packerEnvironment(
  inherited: NodeJS.ProcessEnv,
  given: Readonly<Record<string, string>>,
  workspace: Pick<Workspace, "temporary" | "ansibleHome" | "connections">,
): Record<string, string> {
  return {
    ...toolEnvironment(inherited),
    // Only what the order gives: a profile of the person's may not get in between.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    ...given,
    TMPDIR: workspace.temporary,
    ANSIBLE_CONFIG: packagePath("ansible/ansible.cfg"),
    ANSIBLE_HOME: workspace.ansibleHome,
    ANSIBLE_LOCAL_TEMP: workspace.temporary,
    ANSIBLE_SSH_CONTROL_PATH_DIR: workspace.connections,
    PYTHONUNBUFFERED: "1",
  };
}
