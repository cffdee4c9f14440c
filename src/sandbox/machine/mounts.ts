import { readFile, rm } from "node:fs/promises";
import { execa } from "execa";

export interface Mount {
  folder: string;
  type: string;
  /** The file system's own options, which name an overlay's layers. */
  options: string;
}

/** The mounts of this process's namespace, in the order they were made. */
export async function listMounts(): Promise<Mount[]> {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).trimEnd().split("\n");
  return lines.map((line) => {
    const [own = "", rest = ""] = line.split(" - ");
    const [type = "", , options = ""] = rest.split(" ");
    return { folder: unescapeOctal(own.split(" ")[4] ?? ""), type, options: unescapeOctal(options) };
  });
}

export async function mountsBelow(folder: string): Promise<string[]> {
  const mounts = await listMounts();
  return mounts.map((mount) => mount.folder).filter((path) => path === folder || path.startsWith(`${folder}/`));
}

/** Unmounts whatever lies at the folder or below it, the last made first. */
export async function unmountBelow(folder: string): Promise<void> {
  for (const path of (await mountsBelow(folder)).reverse()) {
    const { failed } = await execa("umount", [path], { reject: false });
    if (failed) await execa("umount", ["--lazy", path], { reject: false });
  }
}

/** Removes the folder, never while a mount lies below it: that would delete what is mounted. */
export async function removeFolder(folder: string): Promise<void> {
  const mounted = await mountsBelow(folder);
  if (mounted.length > 0) throw new Error(`${folder} stays: mounted below it: ${mounted.join(", ")}`);
  await rm(folder, { recursive: true, force: true });
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
