import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { Failure } from "../../failure.ts";
import type { Report } from "../../progress.ts";
import { readAptSources } from "./apt-sources.ts";
import { type BaseRootRecipe, customize, defaultUser, mmdebstrapArguments, recipeKey } from "./base-root-recipe.ts";
import { aptProxyOptions, hostAptOptions } from "./host-apt.ts";
import { withLock } from "./lock.ts";
import { listMounts, removeFolder, unmountBelow } from "./mounts.ts";
import { shiftOwners } from "./user-namespace.ts";

/** A Debian root on disk that every machine stands on; read-only for all. */
export interface BaseRoot {
  folder: string;
  /** Hash of the recipe it was made by. */
  key: string;
  /** The user that may log in with a key and has passwordless sudo. */
  defaultUser: string;
  /** When it was made, which is what an AMI's creation date tells. */
  created: Date;
}

export interface PrepareBaseRootOptions {
  cacheFolder: string;
  report: Report;
  signal?: AbortSignal | undefined;
}

const task = "base root";

/** Returns the cached base root, making it first when there is none for today's recipe. Two calls at once make one. */
export async function prepareBaseRoot({ cacheFolder, report, signal }: PrepareBaseRootOptions): Promise<BaseRoot> {
  const recipe = await readRecipe();
  const key = recipeKey(recipe);
  const folder = join(cacheFolder, "base-roots", key);
  const cached = async (): Promise<BaseRoot | undefined> => {
    const made = await stat(join(folder, "made")).catch(() => undefined);
    return made && { folder: join(folder, "root"), key, defaultUser: defaultUser.name, created: made.mtime };
  };
  const ready = await cached();
  if (ready) return ready;
  report({ type: "start", task });
  try {
    await withLock(join(cacheFolder, "base-roots", "lock"), async () => {
      if (!(await cached())) await make(recipe, folder, report, signal);
    });
    report({ type: "end", task, outcome: "done" });
  } catch (error) {
    report({ type: "end", task, outcome: signal?.aborted ? "stopped" : "failed" });
    throw error;
  }
  const made = await cached();
  if (!made) throw new Error(`${folder} is not there although it was just made`);
  return made;
}

async function make(recipe: BaseRootRecipe, folder: string, report: Report, signal?: AbortSignal): Promise<void> {
  const parts = join(folder, "..", "unfinished");
  // A build whose starter was killed may still run; it holds this second lock until it ends.
  const buildLock = join(folder, "..", "build-lock");
  await withLock(buildLock, async () => {
    await unmountBelow(parts);
    await removeFolder(parts);
  });
  await mkdir(parts, { recursive: true, mode: 0o700 });
  const root = join(parts, "root");
  report({ type: "update", task, text: "making a Debian root from this host's package sources (once, half a minute)" });
  const aptOptions = [...recipe.aptOptions, ...(await aptProxyOptions())];
  // In a mount namespace of its own: what it mounts is gone with it, however it ends.
  const inNamespace = ["--no-fork", buildLock, "unshare", "--mount", "--propagation=private"];
  const build = execa(
    "flock",
    [...inNamespace, "mmdebstrap", ...mmdebstrapArguments({ ...recipe, aptOptions }, root)],
    {
      reject: false,
      stdin: "ignore",
      ...(signal && { cancelSignal: signal }),
    },
  );
  createInterface({ input: build.stderr }).on("line", (line) => {
    if (line.startsWith("I: ") && line.endsWith("...")) report({ type: "update", task, text: line.slice(3, -3) });
    else report({ type: "detail", text: line });
  });
  const result = await build;
  signal?.throwIfAborted();
  if (result.failed) {
    throw new Failure({
      code: "base-root-failed",
      message: "The Debian root that the sandbox's machines stand on could not be made.",
      reason: lastErrors(result.stderr) || result.shortMessage,
      fix: "Run `apt-get update` to see whether this host's package sources answer, then start the sandbox again: multivac sandbox start",
      cause: result,
    });
  }
  report({ type: "update", task, text: "preparing the Debian root for machines" });
  await customize(root, recipe);
  await shiftOwners(root);
  await writeFile(join(parts, "made"), "");
  await removeFolder(folder);
  await rename(parts, folder);
}

async function readRecipe(): Promise<BaseRootRecipe> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const suite = /^VERSION_CODENAME="?([\w-]+)"?$/m.exec(release)?.[1];
  const sources = await readAptSources("/etc/apt");
  if (!suite || sources.files.length === 0) {
    throw new Failure({
      code: "no-package-sources",
      message: "The sandbox's machines are made from this host's Debian package sources, and there are none.",
      reason: suite ? "No file below /etc/apt names a source." : "The file /etc/os-release names no VERSION_CODENAME.",
      fix: "Run the sandbox on Debian or Ubuntu, with sources in /etc/apt.",
    });
  }
  return { suite, sources, aptOptions: await hostAptOptions() };
}

/** Removes every cached base root that no mounted machine stands on; returns the keys of those it kept. */
export async function removeBaseRoots(cacheFolder: string): Promise<string[]> {
  const folder = join(cacheFolder, "base-roots");
  return withLock(join(folder, "lock"), async () => {
    const kept: string[] = [];
    const mounts = await listMounts();
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const path = join(folder, entry.name);
      if (mounts.some((mount) => mount.options.includes(`${path}/`))) kept.push(entry.name);
      else await removeFolder(path);
    }
    return kept;
  });
}

function lastErrors(output: string): string {
  const errors = output.split("\n").filter((line) => /^(E:|Err:|W: )/.test(line));
  return errors.slice(-3).join(" ");
}
