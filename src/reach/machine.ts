import { defaultUser } from "../sandbox/machine/base-root-recipe.ts";
import { enterArguments, enterEnvironment } from "../sandbox/machine/enter.ts";
import type { SandboxRecord } from "../sandbox/record.ts";
import type { Program } from "./program.ts";

/** The host's pid of a sandbox machine's PID 1; undefined while it is off. */
export async function machinePid({ endpoint }: SandboxRecord, instanceId: string): Promise<number | undefined> {
  const answer = await fetch(`${endpoint}/_multivac/machines/${instanceId}`);
  return answer.ok ? ((await answer.json()) as { pid?: number }).pid : undefined;
}

/** Runs a command line of the shell in a machine, or opens a shell for the user that the image lets in. */
export function machineProgram(
  pid: number,
  { command, asRoot, isTerminal }: { command: string | undefined; asRoot: boolean; isTerminal: boolean },
): Program {
  const user = asRoot ? "root" : defaultUser.name;
  const program = [
    ...["su", "--login", ...(isTerminal ? ["--pty"] : []), user],
    ...(command === undefined ? [] : ["--command", command]),
  ];
  return { file: "nsenter", args: enterArguments(pid, program), env: enterEnvironment(process.env) };
}
