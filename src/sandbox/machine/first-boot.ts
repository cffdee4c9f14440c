import { constants } from "node:fs";
import { lchown, lstat, mkdir, mkdtemp, open, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { MachineSpec } from "../machines.ts";
import { defaultUser } from "./base-root-recipe.ts";
import { instanceFolder } from "./user-data.ts";
import { firstUid } from "./user-namespace.ts";

export interface MachineFile {
  path: string;
  text: string;
  mode?: number;
  /** The user inside the machine; root unless given. */
  uid?: number;
}

/** Everything cloud-init would bring to the disk before the services start; `root` is mounted and not running. */
export async function prepareFirstBoot(
  root: string,
  spec: MachineSpec,
  extraFiles: readonly MachineFile[],
): Promise<void> {
  await removeHostKeys(root);
  await writeInside(root, await hostKeys());
  await writeInside(root, [
    { path: "/etc/hostname", text: `${spec.hostname}\n` },
    {
      path: "/etc/hosts",
      text: `127.0.0.1 localhost\n${spec.address} ${spec.hostname} ${spec.hostname.split(".")[0]}\n`,
    },
    // No name server: a lookup fails at once instead of after a time limit.
    { path: "/etc/resolv.conf", text: "" },
    // Empty makes systemd take a new one.
    { path: "/etc/machine-id", text: "" },
    ...extraFiles,
  ]);
  await authorizeKeys(root, spec.publicKeys);
  await placeUserData(root, spec);
}

/**
 * Writes files below a machine's root. The disk may come from an image whose maker was root in it: no link in it is
 * followed, or a write could land on the host. A link in the way is replaced by a folder or file.
 */
async function writeInside(root: string, files: readonly MachineFile[]): Promise<void> {
  for (const { path, text, mode = 0o644, uid = 0 } of files) {
    await folderInside(root, dirname(path), uid);
    const full = join(root, path);
    await rm(full, { recursive: true, force: true });
    const file = await open(
      full,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
    try {
      await file.writeFile(text);
      await file.chown(firstUid + uid, firstUid + uid);
      await file.chmod(mode);
    } finally {
      await file.close();
    }
  }
}

/** Makes sure that every part of the path is a real folder. */
async function folderInside(root: string, path: string, uid: number): Promise<void> {
  let folder = root;
  for (const part of path.split("/").filter(Boolean)) {
    folder = join(folder, part);
    const found = await lstat(folder).catch(() => undefined);
    if (found?.isDirectory()) continue;
    await rm(folder, { force: true });
    await mkdir(folder, { mode: uid === 0 ? 0o755 : 0o700 });
    await lchown(folder, firstUid + uid, firstUid + uid);
  }
}

/** Reads a file below a machine's root; undefined when a part of its path is missing or a link. */
async function readInside(root: string, path: string): Promise<string | undefined> {
  let full = root;
  for (const part of path.split("/").filter(Boolean)) {
    full = join(full, part);
    const found = await lstat(full).catch(() => undefined);
    if (!found || found.isSymbolicLink()) return undefined;
  }
  return (await lstat(full)).isFile() ? readFile(full, "utf8") : undefined;
}

async function removeHostKeys(root: string): Promise<void> {
  await folderInside(root, "/etc/ssh", 0);
  for (const name of await readdir(join(root, "etc/ssh"))) {
    if (name.startsWith("ssh_host_")) await rm(join(root, "etc/ssh", name), { recursive: true, force: true });
  }
}

async function hostKeys(): Promise<MachineFile[]> {
  const folder = await mkdtemp(join(tmpdir(), "host-key-"));
  try {
    const name = "ssh_host_ed25519_key";
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(folder, name)]);
    return [
      { path: `/etc/ssh/${name}`, text: await readFile(join(folder, name), "utf8"), mode: 0o600 },
      { path: `/etc/ssh/${name}.pub`, text: await readFile(join(folder, `${name}.pub`), "utf8") },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Adds the keys to those the image brings, as cloud-init does. */
async function authorizeKeys(root: string, publicKeys: readonly string[]): Promise<void> {
  const { uid, home } = defaultUser;
  const path = `${home}/.ssh/authorized_keys`;
  const before = (await readInside(root, path))?.split("\n") ?? [];
  const lines = new Set([...before, ...publicKeys].map((line) => line.trim()).filter(Boolean));
  await writeInside(root, [{ path, uid, mode: 0o600, text: [...lines, ""].join("\n") }]);
}

async function placeUserData(root: string, { id, userData }: MachineSpec): Promise<void> {
  const folder = instanceFolder(id);
  await folderInside(root, `${folder}/sem`, 0);
  await folderInside(root, `${folder}/scripts`, 0);
  await writeInside(root, [{ path: `${folder}/user-data.txt`, text: userData ?? "", mode: 0o600 }]);
  if (userData?.startsWith("#!")) {
    await writeInside(root, [{ path: `${folder}/scripts/part-001`, text: userData, mode: 0o700 }]);
  }
  const link = join(root, "var/lib/cloud/instance");
  await rm(link, { recursive: true, force: true });
  await symlink(folder, link);
  await lchown(link, firstUid, firstUid);
}
