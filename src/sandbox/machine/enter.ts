/** The arguments of nsenter that run a program inside a machine, as its root, by the pid of the machine's PID 1. */
export function enterArguments(pid: number, program: readonly string[]): string[] {
  return ["--target", String(pid), "--all", "--", ...program];
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
