import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";

export interface Ended {
  seconds: number;
  /** What it and its children computed. */
  cpuSeconds: number;
  /** The largest resident set of the program or one of its children. */
  peakMiB: number;
  stdout: string;
}

/** Waits as wait4(2) does, which tells the peak memory of a process and of those it waited for; Node cannot. */
const waiter = `
import json, os, subprocess, sys, time
start = time.monotonic()
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
with open(sys.argv[1], "w") as out:
    told = {
        "seconds": time.monotonic() - start,
        "cpuSeconds": usage.ru_utime + usage.ru_stime,
        "peakMiB": usage.ru_maxrss / 1024,
    }
    json.dump(told, out)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

/** Runs a program, and tells how long it took and how much memory. Rejects when it fails. */
export async function runMeasured(
  [program, ...args]: [string, ...string[]],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Ended> {
  const told = path.join(cwd, ".measured.json");
  const command = ["-c", waiter, told, program, ...args];
  const ran = await execa("python3", command, { cwd, env, extendEnv: false, stdin: "ignore", reject: false });
  if (ran.exitCode !== 0)
    throw new Error(`${program} ${args.join(" ")}: ${ran.exitCode}\n${ran.stderr}\n${ran.stdout}`);
  const measured = JSON.parse(await readFile(told, "utf8"));
  await rm(told);
  return { ...measured, stdout: ran.stdout };
}
