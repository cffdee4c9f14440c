import { parse } from "smol-toml";
import { below, inFolder, type Project, upwards } from "../project.ts";
import { closing, dotted, split } from "./expression.ts";
import type { PythonModule } from "./module.ts";
import { neededByPackages } from "./packaged.ts";
import type { Token } from "./tokens.ts";

/** The second numbers of the Python 3 versions that do, from the first on, and where that is told. */
export interface PythonNeed {
  atLeast: number;
  below: number;
  why: string;
}

const anyPython: PythonNeed = { atLeast: 0, below: Number.POSITIVE_INFINITY, why: "" };

/**
 * The versions of Python 3 that an app can run on: what its project files say, the packages that it is tied to, and what
 * its source is written in.
 */
export function pythonNeed(project: Project, folder: string, requirements: ReadonlyMap<string, string>): PythonNeed {
  return [
    toldByFiles(project, folder),
    { ...anyPython, ...neededByPackages(requirements) },
    writtenIn(project, folder),
  ].reduce(
    (need, other) => ({
      atLeast: Math.max(need.atLeast, other.atLeast),
      below: Math.min(need.below, other.below),
      why: other.atLeast > need.atLeast || (!need.why && other.below < need.below) ? other.why : need.why,
    }),
    anyPython,
  );
}

function toldByFiles(project: Project, folder: string): PythonNeed {
  for (const each of upwards(folder)) {
    const text = (name: string) => project.text(inFolder(each, name));
    const { project: about, tool, requires } = toml(text("pyproject.toml"));
    const specifier = about?.["requires-python"] ?? tool?.poetry?.dependencies?.python;
    if (typeof specifier === "string") return fromSpecifier(specifier, "pyproject.toml");
    const { requires: pipenv = requires } = toml(text("Pipfile"));
    const versions: [string, string | undefined][] = [
      ["Pipfile", pipenv?.python_version ?? pipenv?.python_full_version],
      [".python-version", text(".python-version").trim()],
      ["runtime.txt", /^python-(\S+)/.exec(text("runtime.txt"))?.[1]],
    ];
    for (const [why, version = ""] of versions) {
      const minor = /^3\.(\d+)/.exec(version)?.[1];
      if (minor !== undefined) return { ...anyPython, atLeast: Number(minor), why };
    }
  }
  return anyPython;
}

/** The bounds of a version specifier as `requires-python` and Poetry have them; Poetry's may be a version alone. */
function fromSpecifier(specifier: string, why: string): PythonNeed {
  let need = { ...anyPython, why };
  for (const [, operator = "==", minor = "0"] of specifier.matchAll(
    /(?:^|[,\s|])(\^|~=?|!=|>=|===?|<=?|>)?\s*3\.(\d+)/g,
  )) {
    const number = Number(minor);
    if (operator === "!=") continue;
    if (operator === "<") need = { ...need, below: Math.min(need.below, number) };
    else if (operator === "<=") need = { ...need, below: Math.min(need.below, number + 1) };
    else need = { ...need, atLeast: Math.max(need.atLeast, number) };
    const only = operator.startsWith("==") || (operator === "~" && !specifier.includes("~="));
    if (only) need = { ...need, below: Math.min(need.below, number + 1) };
  }
  return need;
}

/** Names of the standard library by the version that brought them ("What's New in Python"). */
const news: Record<string, number> = {
  "contextlib.aclosing": 10,
  "itertools.pairwise": 10,
  "types.NoneType": 10,
  "types.UnionType": 10,
  "typing.ParamSpec": 10,
  "typing.TypeAlias": 10,
  "typing.TypeGuard": 10,
  "asyncio.Runner": 11,
  "asyncio.TaskGroup": 11,
  "asyncio.timeout": 11,
  "datetime.UTC": 11,
  "enum.StrEnum": 11,
  "http.HTTPMethod": 11,
  tomllib: 11,
  "typing.NotRequired": 11,
  "typing.Self": 11,
  "itertools.batched": 12,
  "typing.override": 12,
};

/** What a file must hold to be read for this: most hold none. */
const mayTell = new RegExp(
  `\\||^[ \\t]*match\\s|except\\s*\\*|^[ \\t]*type\\s+\\w|(def|class)\\s+\\w+\\s*\\[|\\b(${Object.keys(news)
    .map((name) => name.split(".").at(-1))
    .join("|")})\\b`,
  "m",
);

function writtenIn(project: Project, folder: string): PythonNeed {
  let need = anyPython;
  for (const file of below(project, folder)) {
    if (!file.endsWith(".py") || !mayTell.test(project.text(file))) continue;
    const atLeast = sourceNeeds(project.module(file));
    if (atLeast > need.atLeast) need = { ...anyPython, atLeast, why: file };
  }
  return need;
}

function sourceNeeds(module: PythonModule): number {
  const { lines, imports } = module;
  const lazy = [...imports.values()].some(({ module, name }) => module === "__future__" && name === "annotations");
  let least = isGuarded(module) ? 0 : Math.max(0, ...standardNames(module).map((name) => news[name] ?? 0));
  lines.forEach(({ tokens }, index) => {
    const [first, second, third] = tokens;
    const next = lines[index + 1]?.tokens[0]?.text;
    if (first?.text === "except" && second?.text === "*") least = Math.max(least, 11);
    if (first?.text === "type" && second?.kind === "name" && ["=", "["].includes(third?.text ?? ""))
      least = Math.max(least, 12);
    if (["def", "class"].includes(first?.text ?? "") && third?.text === "[") least = Math.max(least, 12);
    if (first?.text === "match" && tokens.at(-1)?.text === ":" && next === "case") least = Math.max(least, 10);
    if (!lazy && annotations(tokens).some(({ text }) => text === "|")) least = Math.max(least, 10);
  });
  return least;
}

/** Whether a file looks what is there before it uses it: then what it names says nothing. */
function isGuarded({ lines }: PythonModule): boolean {
  return lines.some(
    ({ tokens }) =>
      tokens.some(({ text }) => text === "version_info") ||
      (tokens[0]?.text === "except" &&
        tokens.some(({ text }) => /^(ModuleNotFound|Import|Attribute)Error$/.test(text))),
  );
}

/** What a file imports, and what it reads of the modules that it imports. */
function standardNames({ lines, imports }: PythonModule): string[] {
  const imported = [...imports.values()].map(({ module, name }) => (name ? `${module}.${name}` : module));
  const read = lines.flatMap(({ tokens }) =>
    tokens.flatMap(({ text }, at) => {
      const from = imports.get(text);
      if (!from || from.name !== undefined || tokens[at - 1]?.text === "." || tokens[at + 1]?.text !== ".") return [];
      return [`${from.module}.${tokens[at + 2]?.text}`];
    }),
  );
  return [...imported, ...read];
}

/** The tokens of a statement's annotations: of parameters, of what a function returns, or of a name. */
function annotations(tokens: readonly Token[]): Token[] {
  const start = tokens.findIndex(({ text }) => text !== "async");
  if (tokens[start]?.text === "def") {
    const open = tokens.findIndex(({ text }) => text === "(");
    const end = closing(tokens, open);
    const parameters = split(tokens.slice(open + 1, end), ",").flatMap(annotationOf);
    const arrow = tokens[end + 1]?.text === "->";
    return arrow ? [...parameters, ...(split(tokens.slice(end + 2), ":")[0] ?? [])] : parameters;
  }
  const opensBlock = ["else", "try", "except", "finally", "lambda"].includes(tokens[start]?.text ?? "");
  return opensBlock ? [] : annotationOf(tokens);
}

/** What stands between a name's `:` and its `=`. */
function annotationOf(tokens: readonly Token[]): Token[] {
  const from = /^\*\*?$/.test(tokens[0]?.text ?? "") ? 1 : 0;
  const [, end] = dotted(tokens, from);
  if (end === from || tokens[end]?.text !== ":") return [];
  return split(tokens.slice(end + 1), "=")[0] ?? [];
}

interface PythonTools {
  project?: { "requires-python"?: unknown };
  tool?: { poetry?: { dependencies?: { python?: unknown } } };
  requires?: { python_version?: string; python_full_version?: string };
}

function toml(text: string): PythonTools {
  try {
    return parse(text) as PythonTools;
  } catch {
    return {};
  }
}
