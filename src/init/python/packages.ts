import { folderOf, inFolder, type Project } from "../project.ts";
import type { Import } from "./module.ts";

/** How Python knows a file: the folder that imports start from, and the module's dotted name, empty where it has none. */
export interface ModuleName {
  root: string;
  name: string;
}

/**
 * The name of a file's module. Imports start above the outermost folder with `__init__.py`; also above a folder without
 * one whose files import each other by its name, or relatively (a namespace package). They start further inside where
 * more of what the file itself imports is found from there: some `__init__.py` stand where no package is.
 */
export function moduleName(project: Project, file: string): ModuleName {
  const stem = file.replace(/^.*\//, "").replace(/\.py$/, "");
  const [own, ...above] = possibleRoots(project, file);
  const imports = importsOf(project, file);
  // A module in a package cannot be imported from inside of that, and a relative import needs as many packages as it has dots.
  const inside = imports.reduce((most, { module }) => Math.max(most, dotsOf(module)), stem === "__init__" ? 1 : 0);
  const roots = [own, ...above].slice(Math.min(inside, above.length));
  const root = roots.length > 1 ? fromMost(project, file, roots, imports) : roots[0];
  const place = inFolder(folderOf(file), stem === "__init__" ? "" : stem).replace(/\/$/, "");
  const parts = place
    .slice(root ? root.length + 1 : 0)
    .split("/")
    .filter(Boolean);
  return { root: root ?? "", name: parts.every(isImportable) ? parts.join(".") : "" };
}

/** The folders that imports may start from, a file's own first, up to the first that is no package. */
function possibleRoots(project: Project, file: string): [string, ...string[]] {
  const own = folderOf(file);
  const roots: [string, ...string[]] = [own];
  for (let folder = own; folder; folder = folderOf(folder)) {
    if (!project.has(inFolder(folder, "__init__.py")) && !isNamespace(project, folder, file)) break;
    roots.push(folderOf(folder));
  }
  return roots;
}

/** The folder from which most of a file's imports are found, the outermost of several. */
function fromMost(project: Project, file: string, roots: readonly string[], imports: readonly Import[]) {
  const counts = roots.map((root) => imports.filter((each) => isFound(project, file, root, each)).length);
  return roots[counts.lastIndexOf(Math.max(...counts))];
}

/** Whether an import that is not relative leads to another file of the project. */
function isFound(project: Project, file: string, root: string, { module, name }: Import): boolean {
  if (module.startsWith(".")) return false;
  const found = moduleBelow(project, root, module) ?? (name && moduleBelow(project, root, `${module}.${name}`));
  if (!found || found === file) return false;
  // A redis.py that imports redis stands beside a package of that name, which is what others mean too.
  const meansAnother = (each: string) =>
    each.split(".")[0] === module && [undefined, found].includes(moduleBelow(project, root, each));
  return !importsOf(project, found).some((each) => meansAnother(each.module));
}

function importsOf(project: Project, file: string): Import[] {
  const { imports, stars } = project.module(file);
  return [...imports.values(), ...stars.map((module) => ({ module, name: undefined }))];
}

function dotsOf(module: string): number {
  return /^\.*/.exec(module)?.[0].length ?? 0;
}

/** Whether a server can be told to import a file or folder of this name; `import` itself takes less. */
export function isImportable(part: string): boolean {
  return !/^-|[.:\p{Cc}]/u.test(part);
}

function isNamespace(project: Project, folder: string, file: string): boolean {
  if (folderOf(file) !== folder) return false;
  const own = folder.split("/").at(-1);
  return importsOf(project, file).some(({ module, name }) => {
    if (module.startsWith(".")) return true;
    if (module.split(".")[0] !== own) return false;
    const [, next = name ?? ""] = module.split(".");
    const place = inFolder(folder, next);
    return next !== "" && (project.has(`${place}.py`) || project.hasFolder(place));
  });
}

/** The file of a module as one of `from` imports it, dots for relative ones; undefined where it is none of the project's. */
export function moduleFile(project: Project, from: string, module: string): string | undefined {
  const dots = dotsOf(module);
  if (dots === 0) return moduleBelow(project, moduleName(project, from).root, module);
  let base = folderOf(from);
  for (let up = 1; up < dots; up++) base = folderOf(base);
  return moduleBelow(project, base, module.slice(dots));
}

/** The file of a module where imports start from a folder; undefined where it is none of the project's. */
export function moduleBelow(project: Project, root: string, module: string): string | undefined {
  const rest = module.split(".").filter(Boolean).join("/");
  const place = rest ? inFolder(root, rest) : root;
  return [`${place}.py`, inFolder(place, "__init__.py")].find((file) => project.has(file));
}
