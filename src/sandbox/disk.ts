import { execa } from "execa";

/** The bytes that a folder takes on its own file system, mounts below it not counted; 0 when there is none. */
export async function diskUsed(folder: string): Promise<number> {
  const { stdout } = await execa("du", ["--one-file-system", "--summarize", "--block-size=1", folder], {
    reject: false,
  });
  return Number(stdout?.split("\t")[0]) || 0;
}
