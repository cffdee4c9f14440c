import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { mountsBelow, removeFolder } from "./mounts.ts";

export interface Overlay {
  /** Read-only folders, the lowest first. */
  layers: readonly string[];
  /** Holds `upper`, what was written, and `root`, where the whole is mounted. */
  folder: string;
}

export const rootOf = (folder: string) => join(folder, "root");
export const upperOf = (folder: string) => join(folder, "upper");

/** Mounts the disk at its `root`. What it writes is not forced to the host's disk: a sandbox does not outlive a crash of the host. */
export async function mountOverlay({ layers, folder }: Overlay): Promise<void> {
  const work = join(folder, "work");
  // A volatile overlay refuses the work folder of an earlier mount.
  await removeFolder(work);
  for (const path of [work, upperOf(folder), rootOf(folder)]) await mkdir(path, { recursive: true });
  const lower = [...layers].reverse().join(":");
  const options = `lowerdir=${lower},upperdir=${upperOf(folder)},workdir=${work},volatile`;
  await execa("mount", ["-t", "overlay", "multivac", "-o", options, rootOf(folder)]);
}

export async function unmountOverlay(folder: string): Promise<void> {
  const root = rootOf(folder);
  for (let round = 0; round < 20 && (await mountsBelow(root)).length > 0; round++) {
    const { failed } = await execa("umount", [root], { reject: false });
    // The last processes of the machine may still be letting go of it.
    if (failed) await sleep(50);
  }
  if ((await mountsBelow(root)).length > 0) await execa("umount", ["--lazy", root]);
}
