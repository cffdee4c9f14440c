import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { findProgram } from "../programs.ts";

/** What a program has printed, and the files that it came from, as they were then. */
interface Remembered {
  printed: string;
  /** By path, what is another once the file is. */
  files: Record<string, string>;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * What `program` printed of its version when it was last asked, if its files are the same since. To ask Ansible takes half
 * a second.
 */
export function recall(program: string, env: Env): string | undefined {
  const file = realFile(program, env);
  const known = file === undefined ? undefined : readAll(env)[file];
  if (!known || typeof known.printed !== "string") return undefined;
  const same = Object.entries(known.files ?? {}).every(([name, identity]) => identityOf(name) === identity);
  return same && known.files?.[file ?? ""] ? known.printed : undefined;
}

/** Remembers what a program has printed of its version, where its files tell whether that is still so. */
export function remember(program: string, env: Env, printed: string): void {
  const place = placeOf(env);
  const own = `${place}.${process.pid}`;
  try {
    const file = realFile(program, env);
    const sources = file === undefined ? [] : sourcesOf(program, file, printed);
    if (file === undefined || sources.length === 0) return;
    const files = Object.fromEntries(sources.map((name) => [name, identityOf(name) ?? ""]));
    if (Object.values(files).includes("")) return;
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(own, JSON.stringify({ ...readAll(env), [file]: { printed, files } }), { mode: 0o600 });
    renameSync(own, place);
  } catch {
    // It is asked again the next time.
  }
}

/**
 * The files that say which version it is. None for what chooses a version anew each time it runs: scripts and links of
 * version managers, and a Python that the environment chooses.
 */
function sourcesOf(program: string, file: string, printed: string): string[] {
  if (path.basename(file) !== program) return [];
  const firstLine = beginningOf(file).split("\n")[0] ?? "";
  if (!firstLine.startsWith("#!")) return [file];
  if (!/^#! ?\/\S*\/python[\d.]*\s*$/.test(firstLine)) return [];
  // The script stays as it is when the package below it changes.
  const package_ = /^ *ansible python module location = (.+)$/m.exec(printed)?.[1];
  return package_ ? [file, path.join(package_, "release.py")] : [];
}

function beginningOf(file: string): string {
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(256);
    return bytes.toString("latin1", 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

function realFile(program: string, env: Env): string | undefined {
  if (env.PYTHONPATH || env.PYTHONHOME) return undefined;
  const file = findProgram(program, env.PATH);
  return file === undefined ? undefined : realpathSync(file);
}

function identityOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found && [found.dev, found.ino, found.size, found.mtimeMs, found.ctimeMs].join(":");
}

/** The user's cache folder (XDG Base Directory Specification). */
function placeOf({ XDG_CACHE_HOME, HOME }: Env): string {
  return path.join(XDG_CACHE_HOME || path.join(HOME || homedir(), ".cache"), "multivac", "versions.json");
}

function readAll(env: Env): Record<string, Remembered> {
  try {
    const read = JSON.parse(readFileSync(placeOf(env), "utf8"));
    return typeof read === "object" && read !== null ? read : {};
  } catch {
    return {};
  }
}
