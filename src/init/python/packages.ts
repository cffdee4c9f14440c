import { folderOf, inFolder, type Project } from "../project.ts";

/** How Python knows a file: the folder that imports start from, and the module's dotted name, empty where it has none. */
export interface ModuleName {
  root: string;
  name: string;
}

/**
 * The name of a file's module. Imports start above the outermost folder with `__init__.py`; also above a folder without
 * one whose files import each other by its name, or relatively (a namespace package).
 */
export function moduleName(project: Project, file: string): ModuleName {
  const stem = file.replace(/^.*\//, "").replace(/\.py$/, "");
  const parts = stem === "__init__" ? [] : [stem];
  let folder = folderOf(file);
  while (folder && (project.has(inFolder(folder, "__init__.py")) || isNamespace(project, folder, file))) {
    parts.unshift(folder.split("/").at(-1) ?? "");
    folder = folderOf(folder);
  }
  return { root: folder, name: parts.every(isImportable) ? parts.join(".") : "" };
}

/** Whether a server can be told to import a file or folder of this name; `import` itself takes less. */
export function isImportable(part: string): boolean {
  return !/^-|[.:\p{Cc}]/u.test(part);
}

function isNamespace(project: Project, folder: string, file: string): boolean {
  if (folderOf(file) !== folder) return false;
  const own = folder.split("/").at(-1);
  const { imports, stars } = project.module(file);
  const all = [...imports.values(), ...stars.map((module) => ({ module, name: undefined }))];
  return all.some(({ module, name }) => {
    if (module.startsWith(".")) return true;
    if (module.split(".")[0] !== own) return false;
    const [, next = name ?? ""] = module.split(".");
    const place = inFolder(folder, next);
    return next !== "" && (project.has(`${place}.py`) || project.hasFolder(place));
  });
}

/** The file of a module as one of `from` imports it, dots for relative ones; undefined where it is none of the project's. */
export function moduleFile(project: Project, from: string, module: string): string | undefined {
  const dots = /^\.*/.exec(module)?.[0].length ?? 0;
  let base = moduleName(project, from).root;
  if (dots > 0) {
    base = folderOf(from);
    for (let up = 1; up < dots; up++) base = folderOf(base);
  }
  const rest = module.slice(dots).split(".").filter(Boolean).join("/");
  const place = rest ? inFolder(base, rest) : base;
  return [`${place}.py`, inFolder(place, "__init__.py")].find((file) => project.has(file));
}
