import type { Report } from "../../progress.ts";

/** A Debian root on disk that every machine stands on; read-only for all. */
export interface BaseRoot {
  folder: string;
  /** Hash of the recipe it was made by. */
  key: string;
  /** The user that may log in with a key and has passwordless sudo. */
  defaultUser: string;
}

export interface PrepareBaseRootOptions {
  cacheFolder: string;
  report: Report;
}

/** Returns the cached base root, making it first when there is none for today's recipe. */
export async function prepareBaseRoot(_options: PrepareBaseRootOptions): Promise<BaseRoot> {
  throw new Error("not built yet");
}
