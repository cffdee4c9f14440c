import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** A program of this machine that runs a command on an instance, or opens a shell there. */
export interface Program {
  file: string;
  args: string[];
  /** In place of this process's environment. */
  env?: Record<string, string>;
}

/** Whether a program is on the PATH. */
export async function isInstalled(name: string, { PATH = "" }: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const looks = PATH.split(delimiter)
    .filter(Boolean)
    .map((folder) => access(join(folder, name), constants.X_OK).then(() => true));
  return (await Promise.allSettled(looks)).some(({ status }) => status === "fulfilled");
}
