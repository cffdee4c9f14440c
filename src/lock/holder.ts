import { readlink } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { bootId, startTime } from "../process-identity.ts";

/** Who holds a lock, as its tags tell everybody. */
export interface Holder {
  owner: string;
  host: string;
  command: string;
  /** Where a pipeline's run can be looked at; undefined outside of one. */
  run: string | undefined;
  /** Names one process for good, to those who can look: see `fateOf`. */
  process: string;
  /** ISO 8601. */
  since: string;
}

/** This process as the holder of a lock. */
export async function thisHolder(command: string, env: NodeJS.ProcessEnv): Promise<Holder> {
  return {
    owner: env.GITHUB_ACTOR ?? env.GITLAB_USER_LOGIN ?? userName(),
    host: hostname(),
    command,
    run: runUrl(env),
    process: [process.pid, await startTime(process.pid), ...(await ground())].join(" "),
    since: new Date().toISOString(),
  };
}

/** What has become of a holder's process; unknown where this is not its machine, or not a Linux one. */
export async function fateOf({ process: holder }: Pick<Holder, "process">): Promise<"runs" | "ended" | "unknown"> {
  const [pid, start, ...place] = holder.split(" ");
  const here = await ground();
  if (!start || here.length === 0 || place.join(" ") !== here.join(" ")) return "unknown";
  return (await startTime(Number(pid))) === start ? "runs" : "ended";
}

/** The boot and the process namespace in which a pid means something; empty where that cannot be told. */
async function ground(): Promise<string[]> {
  try {
    return [await bootId(), await readlink("/proc/self/ns/pid")];
  } catch {
    return [];
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry, as containers have them.
    return `uid ${process.getuid?.() ?? "?"}`;
  }
}

/** The page of a pipeline's run, by the variables that each service documents as set in every job. */
function runUrl(env: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = env;
  if (GITHUB_RUN_ID) return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
  return env.CI_JOB_URL ?? env.BUILDKITE_BUILD_URL ?? env.CIRCLE_BUILD_URL ?? env.CODEBUILD_BUILD_URL ?? env.BUILD_URL;
}
