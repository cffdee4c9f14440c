import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";

/** How long a program may take: in all, for its clean-up after SIGINT, and after SIGTERM. */
export interface TimeLimits {
  totalMs: number;
  cleanUpMs: number;
  terminateMs: number;
}

export interface GroupCommand {
  program: string;
  args: readonly string[];
  env: Record<string, string>;
  folder: string;
  /** Where it prints to: a file, since it must be able to print on while it cleans up after this process was killed. */
  output: string;
}

export interface GroupResult {
  exitCode: number | undefined;
  signal: string | undefined;
  /** Why it was told to end, when it was. */
  stopped: "asked" | "killed" | "timed-out" | undefined;
}

/**
 * Runs a program in a process group of its own, where signals reach its children too and a terminal's Ctrl-C does not.
 * `stop` asks it to end and waits while it tidies up; `kill` ends it at once. No process of the group is left afterwards.
 */
export async function runGroup(
  command: GroupCommand,
  limits: TimeLimits,
  stop: AbortSignal,
  kill: AbortSignal,
): Promise<GroupResult> {
  const output = await open(command.output, "a");
  // Not execa, which would copy what is printed through this process.
  const child = spawn(command.program, command.args, {
    cwd: command.folder,
    env: command.env,
    detached: true,
    stdio: ["ignore", output.fd, output.fd],
  });
  const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const group = child.pid;
  if (group === undefined) {
    // It could not be started: `ended` rejects with the reason.
    await Promise.all([ended, output.close()]);
    throw new Error(`${command.program} has no process id`);
  }
  const dismissGuard = guard(group, command.folder, limits);
  let stopped: GroupResult["stopped"];
  const timers: NodeJS.Timeout[] = [];
  const later = (ms: number, act: () => void) => timers.push(setTimeout(act, ms));
  const onKill = () => {
    stopped = stopped === "timed-out" ? stopped : "killed";
    signalGroup(group, "SIGKILL");
  };
  const end = (why: "asked" | "timed-out") => {
    if (stopped) return;
    stopped = why;
    signalGroup(group, "SIGINT");
    later(limits.cleanUpMs, () => signalGroup(group, "SIGTERM"));
    later(limits.cleanUpMs + limits.terminateMs, () => signalGroup(group, "SIGKILL"));
  };
  const onStop = () => end("asked");
  later(limits.totalMs, () => end("timed-out"));
  kill.addEventListener("abort", onKill);
  stop.addEventListener("abort", onStop);
  if (stop.aborted) onStop();
  if (kill.aborted) onKill();
  try {
    const [exitCode, signal] = await ended;
    return { exitCode: exitCode ?? undefined, signal: signal ?? undefined, stopped };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    kill.removeEventListener("abort", onKill);
    stop.removeEventListener("abort", onStop);
    signalGroup(group, "SIGKILL");
    dismissGuard();
    await output.close();
  }
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/**
 * Waits for this process to be killed, which it sees by the end of its input; then has the group tidy up as Ctrl-C would,
 * and removes the folder, which nobody else can do any more.
 */
const GUARD = `
read -r word && exit 0
group=$1 folder=$2 patience=$3
kill -s INT -- "-$group" 2>/dev/null
while [ "$patience" -gt 0 ] && kill -s 0 -- "-$group" 2>/dev/null; do
  sleep 1
  patience=$((patience - 1))
done
kill -s KILL -- "-$group" 2>/dev/null
rm -rf -- "$folder"
`;

function guard(group: number, folder: string, limits: TimeLimits): () => void {
  const seconds = Math.ceil(limits.cleanUpMs / 1000);
  const shell = spawn("sh", ["-c", GUARD, "multivac-guard", String(group), folder, String(seconds)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Without a guard the bake goes on; it is there for a rare case.
  shell.on("error", () => {});
  shell.stdin.on("error", () => {});
  shell.unref();
  return () => shell.stdin.end("done\n");
}
