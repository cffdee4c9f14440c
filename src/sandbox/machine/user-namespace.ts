import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Root of every machine is this user of the host: owner of nothing else here. Shared, as the base root is. */
export const firstUid = 655360;
export const uidCount = 65536;

/** Moves the owners of everything below the folder into the machines' user namespace; what is there already stays. */
export async function shiftOwners(folder: string): Promise<void> {
  const { uid, gid, mode } = await lstat(folder);
  if (uid < firstUid) {
    await lchown(folder, uid + firstUid, gid + firstUid);
    // Changing the owner clears the set-user-id bits.
    if ((mode & 0o170000) !== 0o120000 && mode & 0o7000) await chmod(folder, mode & 0o7777);
  }
  if ((mode & 0o170000) !== 0o040000) return;
  for (const name of await readdir(folder)) await shiftOwners(join(folder, name));
}
