import { defaultUser } from "../sandbox/machine/base-root-recipe.ts";
import { enterArguments, enterEnvironment } from "../sandbox/machine/enter.ts";
import type { SandboxRecord } from "../sandbox/record.ts";
import type { Program } from "./program.ts";

/** The host's pid of a sandbox machine's PID 1; undefined while it is off. */
export async function machinePid({ endpoint }: SandboxRecord, instanceId: string): Promise<number | undefined> {
  const answer = await fetch(`${endpoint}/_multivac/machines/${instanceId}`);
  return answer.ok ? ((await answer.json()) as { pid?: number }).pid : undefined;
}

/**
 * Runs a command line of the shell in a machine, or opens a shell for the user that the image lets in. Only a terminal
 * gets a session by su: su stops with a program that is stopped, as systemd does with all before it powers a machine off,
 * and would hold that up.
 */
export function machineProgram(
  pid: number,
  { command, asRoot, isTerminal }: { command: string | undefined; asRoot: boolean; isTerminal: boolean },
): Program {
  const user = asRoot ? "root" : defaultUser.name;
  const program =
    isTerminal || command === undefined
      ? [
          "su",
          "--login",
          ...(isTerminal ? ["--pty"] : []),
          user,
          ...(command === undefined ? [] : ["--command", command]),
        ]
      : [...as(user), "/bin/bash", "--login", "-c", `cd\n${command}`];
  return { file: "nsenter", args: enterArguments(pid, program), env: enterEnvironment(process.env) };
}

/** Makes a program one of a user, whose environment it gets. */
function as(user: string): string[] {
  return ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--init-groups", "--reset-env", "--"];
}
