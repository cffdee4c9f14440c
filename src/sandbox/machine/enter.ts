/** A shell that waits for a program and ends as it does. */
const waits = ["/bin/sh", "-c", '"$@"; exit $?', "enter"];

/**
 * The arguments of nsenter that run a program inside a machine, as its root, by the pid of the machine's PID 1. Of its own
 * nsenter would stop with a program that is stopped, as systemd does with all before it powers a machine off, for good.
 */
export function enterArguments(pid: number, program: readonly string[]): string[] {
  return ["--target", String(pid), "--all", "--no-fork", "--", ...waits, ...program];
}

/** The environment of a program that enters a machine: nothing of the host's but what the terminal is. */
export function enterEnvironment({ TERM }: NodeJS.ProcessEnv): Record<string, string> {
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    LANG: "C.UTF-8",
    ...(TERM ? { TERM } : {}),
  };
}
