import path from "node:path";
import { parse } from "smol-toml";
import { fromPipfile, fromPoetry, isElsewhere } from "./poetry.ts";
import { folderOf, inFolder, type Project, upwards } from "./project.ts";

/** What an app needs of a package index, and where that is told. */
export interface Requirements {
  /** The folder of the file, below the project's root. */
  folder: string;
  /** The file, relative to that folder. */
  file: string;
  /** Whether pip can be given the file. */
  pip: boolean;
  /** The requirements by normalised name, each as pip takes it. */
  lines: ReadonlyMap<string, string>;
  /** What is missing in `lines`, where pip is to be given them. */
  unknown: string[];
  /** Whether the file has hashes: pip then takes nothing without one. */
  hashed?: boolean;
  /** The command that writes a requirements file with the versions of a lock file beside it. */
  exportCommand?: string | undefined;
}

/** What a requirements file is called that is written beside the app's own. */
export const ownFile = "requirements-multivac.txt";

const pipFiles = [
  "requirements.txt",
  "requirements/production.txt",
  "requirements/prod.txt",
  "requirements/requirements.txt",
  "requirements-prod.txt",
  "requirements/base.txt",
  ownFile,
];

/** The requirements of an app in a folder: its own, or those of a folder above it. */
export function findRequirements(project: Project, folder: string): Requirements | undefined {
  for (const each of upwards(folder)) {
    const found = inOneFolder(project, each);
    if (found) return found;
  }
  return undefined;
}

function inOneFolder(project: Project, folder: string): Requirements | undefined {
  const file = pipFiles.find((name) => project.has(inFolder(folder, name)));
  if (file !== undefined) return pipRequirements(project, folder, file);
  const text = (name: string) => project.text(inFolder(folder, name));
  const has = (name: string) => project.has(inFolder(folder, name));
  if (has("pyproject.toml")) {
    const found = fromPyproject(text("pyproject.toml"));
    const lock = has("uv.lock")
      ? "uv export --no-dev --no-emit-project --no-hashes -o requirements.txt"
      : has("poetry.lock")
        ? `poetry export --without-hashes${exportedGroups(text("pyproject.toml"))} -o requirements.txt`
        : undefined;
    if (found) return { folder, file: "pyproject.toml", pip: false, ...found, exportCommand: lock };
  }
  if (has("Pipfile")) {
    const lock = has("Pipfile.lock") ? "pipenv requirements > requirements.txt" : undefined;
    const document = readToml(text("Pipfile"));
    return { folder, file: "Pipfile", pip: false, ...collected(fromPipfile(document)), exportCommand: lock };
  }
  // The app itself is what pip installs, with what its setup asks for.
  const setup = ["setup.py", "setup.cfg"].find((name) => /install_requires/.test(text(name)));
  return setup === undefined
    ? undefined
    : { folder, file: setup, pip: false, lines: new Map([[".", "."]]), unknown: [] };
}

/** A pip requirements file with those that it names by -r. */
export function pipRequirements(project: Project, folder: string, file: string): Requirements {
  const lines = new Map<string, string>();
  const open = [file];
  const read = new Set<string>();
  let hashed = false;
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (read.has(next)) continue;
    read.add(next);
    const text = project.text(path.posix.normalize(inFolder(folder, next))).replaceAll(/\\\r?\n/g, " ");
    hashed ||= /^[^#\n]*\s--hash[\s=]|^[ \t]*--require-hashes\b/m.test(text);
    for (const line of text.split(/\r?\n/)) {
      const [, named] = /^\s*(?:-r|--requirement)[\s=]*(\S+)/.exec(line) ?? [];
      if (named !== undefined) open.push(path.posix.join(folderOf(next), named));
      const name = requirementName(line);
      if (name) lines.set(name, line.replace(/\s(#|--hash).*$/, "").trim());
    }
  }
  return { folder, file, pip: true, lines, unknown: [], hashed };
}

/** The normalised name of a requirement ("Names and normalization", Python Packaging User Guide). */
export function requirementName(line: string): string | undefined {
  const name = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)/.exec(line)?.[1];
  return name?.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

/** Whether the requirements bring a server: by its name, or as FastAPI's own extras do. */
export function brings(requirements: Requirements | undefined, name: string): boolean {
  if (!requirements) return false;
  if (requirements.lines.has(name)) return true;
  return name === "uvicorn" && /^fastapi\s*\[[^\]]*\b(standard|all)\b/i.test(requirements.lines.get("fastapi") ?? "");
}

interface Pyproject {
  project?: { dependencies?: unknown };
  tool?: {
    poetry?: { dependencies?: unknown; source?: unknown; group?: unknown };
    uv?: { sources?: unknown };
  };
}

function fromPyproject(text: string): Pick<Requirements, "lines" | "unknown"> | undefined {
  const { project, tool } = readToml(text) as Pyproject;
  const poetry = table(tool?.poetry?.dependencies);
  const grouped = fromGroups(tool?.poetry?.group, tool?.poetry?.source);
  if (Array.isArray(project?.dependencies)) {
    // What uv and Poetry say besides of where a package comes from ("Dependency sources", uv docs; "Dependency groups", Poetry's).
    const elsewhere = fromElsewhere(table(tool?.uv?.sources), poetry, tool?.poetry?.source);
    const own = project.dependencies.map(String).map((line) => ({
      name: requirementName(line) ?? line,
      line: elsewhere.has(requirementName(line) ?? line) ? undefined : line,
    }));
    return collected([...grouped, ...own]);
  }
  if (tool?.poetry?.dependencies === undefined) return undefined;
  return collected([...grouped, ...fromPoetry(poetry, tool.poetry.source)]);
}

/** What Poetry installs of groups beside the main one ("Managing dependencies", Poetry documentation), but for developers. */
function fromGroups(groups: unknown, sources: unknown) {
  return servingGroups(groups).flatMap(([, { dependencies }]) => fromPoetry(table(dependencies), sources));
}

const developing = /^(dev|develop|test|doc|lint|format|typ|mypy|ci$|qa$|debug)/i;

function servingGroups(groups: unknown): [string, { dependencies?: unknown }][] {
  return Object.entries(table(groups)).flatMap(([name, group]): [string, { dependencies?: unknown }][] => {
    const { optional, dependencies } = table(group) as { optional?: unknown; dependencies?: unknown };
    return optional === true || developing.test(name) ? [] : [[name, { dependencies }]];
  });
}

/** What `poetry export` has to be told to take over the same. */
function exportedGroups(text: string): string {
  const { tool } = readToml(text) as Pyproject;
  const names = servingGroups(tool?.poetry?.group).map(([name]) => name);
  return names.length > 0 ? ` --with ${names.join(",")}` : "";
}

/** The normalised names of packages that do not come from the public index. */
function fromElsewhere(uv: object, poetry: object, sources: unknown): Set<string> {
  const names = Object.entries(poetry).flatMap(([name, given]) => (isElsewhere(given, sources) ? [name] : []));
  return new Set([...Object.keys(uv), ...names].map((name) => requirementName(name) ?? name));
}

function table(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

function collected(
  found: readonly { name: string; line: string | undefined }[],
): Pick<Requirements, "lines" | "unknown"> {
  const lines = new Map<string, string>();
  const unknown: string[] = [];
  for (const { name, line } of found) {
    if (line === undefined) unknown.push(name);
    else lines.set(requirementName(name) ?? name, line);
  }
  return { lines, unknown };
}

function readToml(text: string): object {
  try {
    return parse(text);
  } catch {
    return {};
  }
}
