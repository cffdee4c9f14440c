import { type Dirent, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import ignore from "ignore";
import { builtInExcludes } from "../app/files.ts";
import { type PythonModule, readModule } from "./python/module.ts";

/** What lies in a folder where an app is looked for. Paths are relative to it, with forward slashes; the root is "". */
export interface Project {
  /** Absolute folder. */
  root: string;
  /** Sorted by depth, then by name. */
  files: readonly string[];
  /** Virtual environments that go by other names than those which are never part of an app. */
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

/** How deep, how many, how large: what goes beyond is passed over, so that also a folder of everything is read in seconds. */
const limits = { depth: 5, files: 3000, bytes: 512 * 1024 };

/** Lists a folder, without what is no source. */
export async function surveyProject(root: string): Promise<Project> {
  const matcher = ignore().add([...builtInExcludes, ...noSource]);
  const files: string[] = [];
  const environments: string[] = [];
  let open = [""];
  for (let depth = 0; depth <= limits.depth && open.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of open) {
      if (files.length >= limits.files) break;
      const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch((): Dirent[] => []);
      const names = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
      if (names.some(({ name }) => name === "pyvenv.cfg")) {
        environments.push(folder);
        continue;
      }
      for (const entry of names) {
        const place = folder ? `${folder}/${entry.name}` : entry.name;
        if (entry.isDirectory() && !matcher.ignores(`${place}/`)) next.push(place);
        else if (entry.isFile() && files.length < limits.files) files.push(place);
      }
    }
    open = next;
  }
  const known = new Set(files);
  const folders = new Set(files.flatMap((file) => upwards(folderOf(file))));
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
    environments: environments.filter(Boolean),
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

function readSource(file: string): string {
  try {
    const bytes = readFileSync(file);
    return bytes.length > limits.bytes ? "" : bytes.toString("utf8");
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
