import type { Project } from "../project.ts";
import type { Expression } from "./expression.ts";
import { type Framework, frameworkOf, frameworkPackages, wrapperOf } from "./frameworks.ts";
import { qualified, starImport } from "./names.ts";
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
const mayHoldApp = new RegExp(`\\b(${frameworkPackages.join("|")})\\b|^[ \\t]*(from|import)\\b.*app|_app\\b`, "im");

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
  for (const name of assigned.keys()) add(name, boundTo(newSearch(project), file, name), false);
  for (const [name, { module: from, name: imported }] of imports) {
    if (imported !== undefined && appNames.test(name) && moduleFile(project, file, from))
      add(name, boundTo(newSearch(project), file, name), false);
  }
  for (const [name, { required, async }] of functions) {
    const found = async ? undefined : madeBy(newSearch(project), file, name);
    if (found && !found.framework.attribute) add(name, found, true, required);
  }
  return apps;
}

/** One question for what a name stands for. */
interface Search {
  project: Project;
  /** What was worked out, by expression or name; undefined too for what is being worked out, which ends circles. */
  known: Map<Expression | string, Found | undefined>;
  depth: number;
}

function newSearch(project: Project): Search {
  return { project, known: new Map(), depth: 0 };
}

/** Works each thing out once, so that names which stand for one another many times over take no longer than they are many. */
function once(search: Search, key: Expression | string, work: () => Found | undefined): Found | undefined {
  if (search.known.has(key) || search.depth > 100) return search.known.get(key);
  search.known.set(key, undefined);
  search.depth += 1;
  const found = work();
  search.depth -= 1;
  search.known.set(key, found);
  return found;
}

/** What a name of a module stands for. */
function boundTo(search: Search, file: string, name: string): Found | undefined {
  return once(search, `${file}:${name}`, () => {
    const { project } = search;
    const { assigned, imports } = project.module(file);
    const found = anyOf(search, { file, name, local: none }, assigned.get(name));
    if (found) return found;
    const from = imports.get(name) ?? starImport(project, file, name);
    const place = from?.name === undefined ? undefined : moduleFile(project, file, from.module);
    return place && from?.name !== undefined ? boundTo(search, place, from.name) : undefined;
  });
}

/** Where an expression stands: the file, the name that it is given, and what names stand for in its function. */
interface Place {
  file: string;
  name: string;
  local: ReadonlyMap<string, Expression>;
  /** What was assigned to the same name before. */
  before?: Expression | undefined;
}

const none: ReadonlyMap<string, Expression> = new Map();

/** What the last of a name's values gives that gives an application. */
function anyOf(search: Search, place: Place, last: Expression | undefined): Found | undefined {
  for (let value = last; value; value = value.before) {
    const found = result(search, { ...place, before: value.before }, value);
    if (found) return found;
  }
  return undefined;
}

/** What an expression gives under a name. */
function result(search: Search, place: Place, value: Expression): Found | undefined {
  if (value.path === "") return undefined;
  return once(search, value, () => (value.args ? resultOfCall(search, place, value) : read(search, place, value.path)));
}

/** What a name with attributes stands for. */
function read(search: Search, place: Place, path: string): Found | undefined {
  const [name = "", ...attributes] = path.split(".");
  const inner = name === place.name ? place.before : place.local.get(name);
  const found = inner ? anyOf(search, { ...place, name }, inner) : boundTo(search, place.file, name);
  if (!found || attributes.length === 0) return found;
  const callable = ["wsgi_app", "asgi_app", found.framework.attribute].includes(attributes.join("."));
  return callable ? { ...found, framework: plain(found.framework) } : undefined;
}

function resultOfCall(search: Search, place: Place, value: Expression): Found | undefined {
  const { project } = search;
  const { file, name } = place;
  const target = qualified(project, file, value.path);
  const here = { made: { file, name, call: value }, origin: `${file}:${name}` };
  if ("external" in target) {
    const framework = frameworkOf(target.external);
    if (framework) return { framework: value.after ? plain(framework) : framework, ...here };
    const protocol = wrapperOf(target.external);
    if (!protocol && !appNames.test(name) && !target.external.endsWith("Middleware")) return undefined;
    let wrapped: Found | undefined;
    for (const arg of [...(value.args ?? []), ...value.keywords.values()])
      wrapped ??= arg.path ? result(search, place, arg) : undefined;
    if (!protocol) return wrapped;
    return { ...here, ...wrapped, framework: { name: wrapped?.framework.name ?? "Python", protocol } };
  }
  const made = madeBy(search, target.file, target.name);
  return made && { ...made, origin: `${file}:${name}` };
}

/** What calling a function or a class of the project gives. */
function madeBy(search: Search, file: string, name: string): Found | undefined {
  const key = `${file}:${name}()`;
  return once(search, key, () => {
    const { project } = search;
    const { functions, classes } = project.module(file);
    for (const base of classes.get(name) ?? []) {
      const framework = externalFramework(project, file, base);
      if (framework) return { framework, made: { file, name, call: undefined }, origin: key };
    }
    const made = functions.get(name);
    if (!made) return undefined;
    for (const value of made.returns) {
      const found = result(search, { file, name: "", local: made.assigned }, value);
      if (found) return { ...found, origin: key };
    }
    const framework = made.annotation && externalFramework(project, file, made.annotation);
    return framework && { framework, made: { file, name: "", call: undefined }, origin: key };
  });
}

function externalFramework(project: Project, file: string, { path }: Expression): Framework | undefined {
  const target = qualified(project, file, path);
  return "external" in target ? frameworkOf(target.external) : undefined;
}

/** A file that makes an application only where it is run itself, which no server does. */
export function madeWhenRun(project: Project): string | undefined {
  return project.files.find((file) => {
    if (!file.endsWith(".py") || !mayHoldApp.test(project.text(file))) return false;
    const { main, functions } = project.module(file);
    const values = [...main.values(), ...(functions.get("main")?.assigned.values() ?? [])];
    return values.some((value) => value.args && externalFramework(project, file, value));
  });
}

/** The framework of a callable that was taken out of its object. */
function plain({ name, protocol }: Framework): Framework {
  return { name, protocol };
}
