import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { bootId, startTime } from "../../process-identity.ts";

/** Something made outside the state folder, which a killed daemon would leave behind. */
export interface MadeThing {
  kind: "address-block" | "link" | "cgroup" | "mount";
  /** Unique within its kind and usable as a file name. */
  name: string;
  /** What it takes to take it down: paths for a mount or a control group. */
  paths?: readonly string[];
}

export interface RecordedThing extends MadeThing {
  sandboxId: string;
  /** Nothing but folders outlives a boot of the host. */
  bootId: string;
  /** Who made it. */
  pid: number;
  startTime: string | undefined;
}

const folderOf = (stateFolder: string) => join(stateFolder, "made");
const fileOf = (stateFolder: string, thing: MadeThing) =>
  join(folderOf(stateFolder), `${thing.kind}.${thing.name}.json`);

/** Notes the thing in the state folder; to be called before it is made. */
export async function recordMade(stateFolder: string, sandboxId: string, thing: MadeThing): Promise<void> {
  const recorded: RecordedThing = {
    ...thing,
    sandboxId,
    bootId: await bootId(),
    pid: process.pid,
    startTime: await startTime(process.pid),
  };
  await mkdir(folderOf(stateFolder), { recursive: true });
  const file = fileOf(stateFolder, thing);
  await writeFile(`${file}.new`, `${JSON.stringify(recorded)}\n`);
  await rename(`${file}.new`, file);
}

/** To be called once the thing is gone. */
export async function forgetMade(stateFolder: string, thing: MadeThing): Promise<void> {
  await rm(fileOf(stateFolder, thing), { force: true });
}

export async function listMade(stateFolder: string): Promise<RecordedThing[]> {
  const names = await readdir(folderOf(stateFolder)).catch(() => []);
  const files = names.filter((name) => name.endsWith(".json")).sort();
  return await Promise.all(files.map((name) => readMade(join(folderOf(stateFolder), name))));
}

/** A record, or what its name tells: of a record that was written as the host lost its power nothing else may be left. */
async function readMade(file: string): Promise<RecordedThing> {
  const text = await readFile(file, "utf8");
  try {
    return JSON.parse(text) as RecordedThing;
  } catch {
    const [kind = "", ...name] = basename(file, ".json").split(".");
    return {
      kind: kind as MadeThing["kind"],
      name: name.join("."),
      sandboxId: "",
      bootId: "",
      pid: 0,
      startTime: undefined,
    };
  }
}
