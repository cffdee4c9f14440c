import { access, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A group of processes that only ends together: every process a machine starts is in its machine's group. Its folders
 * are one for each hierarchy that is mounted (version 1, 2 or both).
 */
export interface ControlGroup {
  name: string;
  folders: readonly string[];
  /** What a command line starts with to run inside the group from its first instruction. */
  launcher: readonly string[];
}

const enter =
  'for folder in $CONTROL_GROUPS; do echo $$ > "$folder/cgroup.procs"; done; unset CONTROL_GROUPS; exec "$@"';

/**
 * Plans a group below this process's own. Where systemd is PID 1 and owns the one hierarchy, it is asked for a scope,
 * since it would move or remove what others make in its tree; that way has not been run on a real host yet.
 */
export async function planControlGroup(name: string): Promise<ControlGroup> {
  const hierarchies = await ownGroups();
  const systemd = await access("/run/systemd/system").then(
    () => true,
    () => false,
  );
  if (systemd && hierarchies.length === 1) {
    const scope = ["systemd-run", "--scope", "--quiet", "--collect", "--slice=system.slice", "--property=Delegate=yes"];
    const folders = [`/sys/fs/cgroup/system.slice/${name}.scope`];
    return { name, folders, launcher: [...scope, `--unit=${name}.scope`, "--"] };
  }
  const folders = hierarchies.map((folder) => join(folder, name));
  return { name, folders, launcher: ["env", `CONTROL_GROUPS=${folders.join(" ")}`, "sh", "-c", enter, "sh"] };
}

/** Makes the folders that systemd does not make itself. */
export async function makeControlGroup({ folders, launcher }: ControlGroup): Promise<void> {
  if (launcher[0] === "systemd-run") return;
  for (const folder of folders) {
    await mkdir(folder, { recursive: true });
    // In version 1 a new group has no processors and no memory of its own, and takes no process.
    for (const setting of ["cpuset.cpus", "cpuset.mems"]) {
      const parents = await readFile(join(folder, "..", setting), "utf8").catch(() => undefined);
      if (parents !== undefined) await writeFile(join(folder, setting), parents).catch(() => {});
    }
  }
}

/** Every process in the group and in the groups below it. */
export async function processesOf(folders: readonly string[]): Promise<number[]> {
  const all = new Set<number>();
  for (const folder of folders) {
    for (const group of await treeOf(folder)) {
      const text = await readFile(join(group, "cgroup.procs"), "utf8").catch(() => "");
      for (const line of text.split("\n")) if (Number(line) > 1) all.add(Number(line));
    }
  }
  return [...all];
}

/** Ends every process of the group by force and removes the group. */
export async function removeControlGroup(folders: readonly string[]): Promise<void> {
  for (let round = 0; round < 250; round++) {
    const running = await processesOf(folders);
    for (const pid of running) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself in the meantime.
      }
    }
    // What is frozen does not end: a daemon may have been killed while it had a machine's disk copied.
    await freezeControlGroup(folders, false);
    if (running.length === 0 && (await removeFolders(folders))) return;
    await sleep(20);
  }
  throw new Error(`Processes of ${folders.join(", ")} do not end: ${(await processesOf(folders)).join(", ")}`);
}

/** Stops every process of the group in its tracks, or lets them go on; false where no hierarchy can. */
export async function freezeControlGroup(folders: readonly string[], frozen: boolean): Promise<boolean> {
  for (const folder of folders) {
    const version1 = await tryWrite(join(folder, "freezer.state"), frozen ? "FROZEN" : "THAWED");
    const done = version1 || (await tryWrite(join(folder, "cgroup.freeze"), frozen ? "1" : "0"));
    if (!done) continue;
    for (let round = 0; round < 250 && frozen; round++) {
      const state = await readFile(join(folder, version1 ? "freezer.state" : "cgroup.events"), "utf8");
      if (/FROZEN|frozen 1/.test(state)) return true;
      await sleep(10);
    }
    return true;
  }
  return false;
}

/** This process's own group in each hierarchy, as a folder. */
async function ownGroups(): Promise<string[]> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").flatMap((line) => {
    const [own = "", rest = ""] = line.split(" - ");
    const [type, , options = ""] = rest.split(" ");
    const [, , , root = "/", folder = ""] = own.split(" ");
    return type === "cgroup" || type === "cgroup2" ? [{ type, root, folder, options: options.split(",") }] : [];
  });
  const groups = (await readFile("/proc/self/cgroup", "utf8")).trim().split("\n");
  return groups.flatMap((line) => {
    const [, controllers = "", path = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const mount = mounts.find(({ type, options }) =>
      controllers === ""
        ? type === "cgroup2"
        : type === "cgroup" && controllers.split(",").every((one) => options.includes(one)),
    );
    if (!mount) return [];
    const below = mount.root !== "/" && path.startsWith(mount.root) ? path.slice(mount.root.length) : path;
    return [join(mount.folder, below)];
  });
}

/** The folder and those below it, the deepest first. */
async function treeOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return [];
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => treeOf(join(folder, entry.name))),
  );
  return [...below.flat(), folder];
}

async function removeFolders(folders: readonly string[]): Promise<boolean> {
  let gone = true;
  for (const folder of folders) {
    for (const group of await treeOf(folder)) {
      await rmdir(group).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") gone = false;
      });
    }
  }
  return gone;
}

async function tryWrite(file: string, text: string): Promise<boolean> {
  return access(file)
    .then(() => writeFile(file, text))
    .then(
      () => true,
      () => false,
    );
}
