import { execa } from "execa";
import { Failure, sameCommand } from "../failure.ts";
import { atLeast, type PackerVersion } from "./packer-version.ts";
import type { Workspace } from "./workspace.ts";

/** Has Packer fetch the plugins that the template names; does nothing where they are there, or built in. */
export async function fetchPlugins(
  version: PackerVersion,
  workspace: Workspace,
  env: Record<string, string>,
  stop: AbortSignal,
): Promise<void> {
  if (!atLeast(version, 1, 7)) return;
  const { exitCode, all } = await execa("packer", initArguments(workspace.template), {
    env,
    extendEnv: false,
    stdin: "ignore",
    all: true,
    reject: false,
    timeout: 300_000,
    cancelSignal: stop,
  });
  if (stop.aborted || exitCode === 0) return;
  throw new Failure({
    code: "packer-plugins-missing",
    message: "Packer could not get its plugins for Amazon and Ansible.",
    reason: all?.trim().split("\n").slice(-5).join("\n"),
    fix: `Packer fetches them once, over the network. Try again when that can be reached: ${sameCommand}`,
  });
}

export function initArguments(template: string): string[] {
  return ["init", template];
}
