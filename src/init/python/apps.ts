import type { Project } from "../project.ts";
import type { Expression } from "./expression.ts";
import { type Framework, frameworkOf, frameworkPackages, wrapperOf } from "./frameworks.ts";
import { moduleFile, moduleName } from "./packages.ts";

/** An application, or what makes one, that a module has by a name. */
export interface PythonApp {
  file: string;
  /** The folder that imports start from. */
  root: string;
  /** `module:name`, the name perhaps with attributes. */
  reference: string;
  framework: Framework;
  /** Whether the name is a function that makes the application when it is called without arguments. */
  factory: boolean;
  /** Arguments that the function cannot be called without. */
  required: number;
  /** Where the application is made: what several names stand for is told once by it. */
  origin: string;
  /** The name that the application has where its routes are told: `file`, and the name there. */
  made: { file: string; name: string; call: Expression | undefined };
}

/** What an expression stands for: its framework, and where that application is made. */
interface Found {
  framework: Framework;
  made: PythonApp["made"];
  origin: string;
}

/** Names of what is asked for an application, where a wrapper that nobody knows gives it. */
const appNames = /^(app|application|wsgi|asgi|wsgi_app|asgi_app|wsgi_application|asgi_application)$/;

/** What a file must hold to be read for applications: most of a large project's files hold none. */
const mayHoldApp = new RegExp(`\\b(${frameworkPackages.join("|")})\\b|import.*app|_app\\b`, "i");

/** The applications in one Python file. */
export function appsIn(project: Project, file: string): PythonApp[] {
  if (!mayHoldApp.test(project.text(file))) return [];
  const { assigned, functions, imports } = project.module(file);
  const { root, name: module } = moduleName(project, file);
  const apps: PythonApp[] = [];
  const add = (name: string, found: Found | undefined, factory: boolean, required = 0) => {
    if (!found || name.startsWith("_") || module === "") return;
    const { framework, origin, made } = found;
    const attribute = framework.attribute && !factory ? `.${framework.attribute}` : "";
    const reference = `${module}:${name}${attribute}`;
    apps.push({ file, root, reference, framework, factory, required, origin, made });
  };
  for (const name of assigned.keys()) add(name, boundTo(project, file, name), false);
  for (const [name, { module: from, name: imported }] of imports) {
    if (imported !== undefined && appNames.test(name) && moduleFile(project, file, from))
      add(name, boundTo(project, file, name), false);
  }
  for (const [name, { required }] of functions) {
    const found = madeBy(project, file, name);
    if (found && !found.framework.attribute) add(name, found, true, required);
  }
  return apps;
}

/** What a name of a module stands for. `seen` ends circles of imports. */
function boundTo(project: Project, file: string, name: string, seen: readonly string[] = []): Found | undefined {
  const key = `${file}:${name}`;
  if (seen.includes(key)) return undefined;
  const { assigned, imports } = project.module(file);
  for (let value = assigned.get(name); value; value = value.before) {
    const found = result(project, file, name, value, [...seen, key]);
    if (found) return found;
  }
  const from = imports.get(name);
  if (from?.name === undefined) return undefined;
  const place = moduleFile(project, file, from.module);
  return place ? boundTo(project, place, from.name, [...seen, key]) : undefined;
}

/** What an expression that stands in a module, or in one of its functions, gives under a name. */
function result(
  project: Project,
  file: string,
  name: string,
  value: Expression,
  seen: readonly string[],
  local: ReadonlyMap<string, Expression> = new Map(),
): Found | undefined {
  // Names that stand for each other in a circle.
  if (seen.length > 50) return undefined;
  const read = (path: string): Found | undefined => {
    const inner = path === name ? value.before : local.get(path);
    return inner ? result(project, file, path, inner, [...seen, path], local) : boundTo(project, file, path, seen);
  };
  if (!value.args) {
    const [first = "", ...attributes] = value.path.split(".");
    const found = read(first);
    if (!found || attributes.length === 0) return found;
    const callable = ["wsgi_app", "asgi_app", found.framework.attribute].includes(attributes.join("."));
    return callable ? { ...found, framework: plain(found.framework) } : undefined;
  }
  const target = qualified(project, file, value.path);
  const here = { made: { file, name, call: value }, origin: `${file}:${name}` };
  if ("external" in target) {
    const framework = frameworkOf(target.external);
    if (framework) return { framework: value.after ? plain(framework) : framework, ...here };
    const inner = value.args.map((arg) => (arg.path ? result(project, file, name, arg, seen, local) : undefined));
    const wrapped = inner.find((each) => each !== undefined);
    const protocol = wrapperOf(target.external);
    if (protocol) return { ...here, ...wrapped, framework: { name: wrapped?.framework.name ?? "Python", protocol } };
    return appNames.test(name) ? wrapped : undefined;
  }
  const made = madeBy(project, target.file, target.name, seen);
  return made && { ...made, origin: `${file}:${name}` };
}

/** What calling a function or a class of the project gives. */
function madeBy(project: Project, file: string, name: string, seen: readonly string[] = []): Found | undefined {
  const key = `${file}:${name}()`;
  if (seen.includes(key)) return undefined;
  const { functions, classes } = project.module(file);
  for (const base of classes.get(name) ?? []) {
    const target = qualified(project, file, base.path);
    const framework = "external" in target ? frameworkOf(target.external) : undefined;
    if (framework) return { framework, made: { file, name, call: undefined }, origin: key };
  }
  const made = functions.get(name);
  if (!made) return undefined;
  for (const value of made.returns) {
    const found = result(project, file, "", value, [...seen, key], made.assigned);
    if (found) return { ...found, origin: key };
  }
  const target = made.annotation && qualified(project, file, made.annotation.path);
  const framework = target && "external" in target ? frameworkOf(target.external) : undefined;
  return framework && { framework, made: { file, name: "", call: undefined }, origin: key };
}

/** Where a dotted name leads from a module: to a name of the project's, or to one of an installed package. */
function qualified(
  project: Project,
  file: string,
  path: string,
  hops = 0,
): { external: string } | { file: string; name: string } {
  const [first = "", ...rest] = path.split(".");
  const { imports, functions, classes } = project.module(file);
  const from = functions.has(first) || classes.has(first) ? undefined : imports.get(first);
  if (!from || hops > 8) return rest.length === 0 ? { file, name: first } : { external: path };
  const parts = [...(from.name === undefined ? [] : [from.name]), ...rest];
  const name = parts.pop() ?? "";
  const between = parts.length > 0 ? `${from.module.replace(/([^.])$/, "$1.")}${parts.join(".")}` : from.module;
  const place = moduleFile(project, file, between);
  if (!place) return { external: `${between}.${name}` };
  return qualified(project, place, name, hops + 1);
}

/** The framework of a callable that was taken out of its object. */
function plain({ name, protocol }: Framework): Framework {
  return { name, protocol };
}
