import { type Dirent, readFileSync } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import ignore from "ignore";
import { builtInExcludes } from "../app/files.ts";
import { type PythonModule, readModule } from "./python/module.ts";

/** What lies in a folder where an app is looked for. Paths are relative to it, with forward slashes; the root is "". */
export interface Project {
  /** Absolute folder. */
  root: string;
  /** Sorted by depth, then by name; of what is no Python source only the first of each folder. */
  files: readonly string[];
  /** Virtual environments that go by other names than those which are never part of an app, and what one in the root is made of. */
  environments: readonly string[];
  has(file: string): boolean;
  hasFolder(folder: string): boolean;
  /** A file's text; empty where it cannot be read or is larger than a source file is. */
  text(file: string): string;
  /** A Python file, read once. */
  module(file: string): PythonModule;
}

/** What holds no entry of an app: tests, examples, documents, generated files, other things than the app's own. */
const noSource = [
  "test",
  "tests",
  "testing",
  "docs",
  "doc",
  "example",
  "examples",
  "migrations",
  "alembic",
  "site-packages",
  "build",
  "dist",
  "htmlcov",
  "static",
  "bower_components",
  "vendor",
  "*.egg-info",
  "cdk.out",
  ".*/",
];

/** What `python -m venv .` makes. */
const environmentParts = /^(bin|lib|lib64|include|scripts|pyvenv\.cfg)$/i;

/**
 * How deep, how many Python files, how many folders, how many other files to list of each, how large: what goes beyond is
 * passed over, so that also a folder of everything is read in seconds.
 */
const limits = { depth: 5, python: 3000, folders: 5000, others: 100, bytes: 512 * 1024 };

/** Lists a folder, without what is no source. */
export async function surveyProject(root: string): Promise<Project> {
  const matcher = ignore().add([...builtInExcludes, ...noSource]);
  const files: string[] = [];
  const known = new Set<string>();
  const folders = new Set<string>();
  const environments: string[] = [];
  let [python, read] = [0, 0];
  let open = [""];
  for (let depth = 0; depth <= limits.depth && open.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of open) {
      if (python >= limits.python || read++ >= limits.folders) break;
      const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch((): Dirent[] => []);
      const names = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
      const isEnvironment = names.some(({ name }) => name === "pyvenv.cfg");
      if (isEnvironment && folder !== "") {
        environments.push(folder);
        continue;
      }
      let others = 0;
      for (const entry of names) {
        const place = inFolder(folder, entry.name);
        if (isEnvironment && environmentParts.test(entry.name)) environments.push(place);
        else if (entry.isDirectory() && !matcher.ignores(`${place}/`)) next.push(place);
        else if (entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(root, place)))) {
          known.add(place);
          for (const each of upwards(folder)) folders.add(each);
          const listed = place.endsWith(".py") ? python++ < limits.python : others++ < limits.others;
          if (listed) files.push(place);
        }
      }
    }
    open = next;
  }
  const texts = new Map<string, string>();
  const modules = new Map<string, PythonModule>();
  const text = (file: string) => {
    const kept = texts.get(file) ?? (known.has(file) ? readSource(path.join(root, file)) : "");
    texts.set(file, kept);
    return kept;
  };
  return {
    root,
    files,
    environments,
    has: (file) => known.has(file),
    hasFolder: (folder) => folders.has(folder),
    text,
    module(file) {
      const kept = modules.get(file) ?? readModule(text(file));
      modules.set(file, kept);
      return kept;
    },
  };
}

/** Whether a symbolic link leads to a file below the root. */
async function leadsToFile(root: string, place: string): Promise<boolean> {
  try {
    const [top, target] = await Promise.all([realpath(root), realpath(path.join(root, place))]);
    return target.startsWith(path.join(top, path.sep)) && (await stat(target)).isFile();
  } catch {
    return false;
  }
}

/** A file's text, in UTF-8 or, where it says so by its first bytes as Windows PowerShell's do, in UTF-16. */
function readSource(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > limits.bytes) return "";
    const [first, second] = bytes;
    const encoding =
      first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
    return new TextDecoder(encoding).decode(bytes);
  } catch {
    return "";
  }
}

/** A file of a folder of the project. */
export function inFolder(folder: string, file: string): string {
  return folder ? `${folder}/${file}` : file;
}

export function folderOf(file: string): string {
  const folder = path.posix.dirname(file);
  return folder === "." ? "" : folder;
}

/** A folder and those above it, up to the root. */
export function upwards(folder: string): string[] {
  return folder ? [folder, ...upwards(folderOf(folder))] : [""];
}

/** A project seen from one of its folders. */
export function below(project: Project, folder: string): readonly string[] {
  return folder ? project.files.filter((file) => file.startsWith(`${folder}/`)) : project.files;
}
