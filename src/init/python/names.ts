import type { Project } from "../project.ts";
import { frameworkOf, wrapperOf } from "./frameworks.ts";
import { moduleFile } from "./packages.ts";

/** Where a dotted name leads from a module: to a name of the project's, or to one of an installed package. */
export function qualified(
  project: Project,
  file: string,
  path: string,
  hops = 0,
): { external: string } | { file: string; name: string } {
  const [first = "", ...rest] = path.split(".");
  const { assigned, imports, functions, classes } = project.module(file);
  const own = functions.has(first) || classes.has(first);
  const from = own
    ? undefined
    : (imports.get(first) ?? (assigned.has(first) ? undefined : starImport(project, file, first)));
  if (!from || hops > 8) return rest.length === 0 ? { file, name: first } : { external: path };
  const parts = [...(from.name === undefined ? [] : [from.name]), ...rest];
  const name = parts.pop() ?? "";
  const between = parts.length > 0 ? `${from.module.replace(/([^.])$/, "$1.")}${parts.join(".")}` : from.module;
  const place = moduleFile(project, file, between);
  if (!place) return { external: `${between}.${name}` };
  return qualified(project, place, name, hops + 1);
}

/** Which `from … import *` brings a name: the last that is known to have it. */
export function starImport(
  project: Project,
  file: string,
  name: string,
  seen = new Set<string>(),
): { module: string; name: string } | undefined {
  seen.add(file);
  const brings = (module: string): boolean => {
    const place = moduleFile(project, file, module);
    if (!place) return (frameworkOf(`${module}.${name}`) ?? wrapperOf(`${module}.${name}`)) !== undefined;
    if (seen.has(place)) return false;
    const { assigned, functions, classes, imports } = project.module(place);
    if ([assigned, functions, classes, imports].some((names) => names.has(name))) return true;
    return starImport(project, place, name, seen) !== undefined;
  };
  const module = project.module(file).stars.findLast(brings);
  return module === undefined ? undefined : { module, name };
}
