import { homedir } from "node:os";
import { join } from "node:path";
import { Failure } from "../failure.ts";

export interface Folders {
  /** Of this sandbox alone; gone when it is stopped. */
  state: string;
  /** Shared by all sandboxes, kept when they are stopped. */
  cache: string;
  /** Held while a sandbox of this id starts or stops; outside the state folder, which goes when it stops. */
  lock: string;
  /** The state folders of all sandboxes. */
  all: string;
}

/** The sandbox's id: `MULTIVAC_SANDBOX`, or `default`. */
export function sandboxId(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.MULTIVAC_SANDBOX || "default";
}

/** Where a sandbox keeps its things: of the system for root, else of the user. */
export function foldersOf(id: string, environment: NodeJS.ProcessEnv = process.env): Folders {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(id)) {
    throw new Failure({
      code: "invalid-sandbox-id",
      message: `"${id}" cannot be a sandbox's id.`,
      reason: "It must be 1 to 32 lower-case letters, digits and hyphens, without a hyphen at either end.",
      fix: "Set MULTIVAC_SANDBOX to another word, or unset it.",
    });
  }
  const root = process.getuid?.() === 0;
  const state = root ? "/var/lib" : (environment.XDG_STATE_HOME ?? join(homedir(), ".local", "state"));
  const cache = root ? "/var/cache" : (environment.XDG_CACHE_HOME ?? join(homedir(), ".cache"));
  const all = join(state, "multivac", "sandbox");
  return { all, state: join(all, id), cache: join(cache, "multivac"), lock: join(cache, "multivac", "locks", id) };
}
