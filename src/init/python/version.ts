import { parse } from "smol-toml";
import { below, inFolder, type Project, upwards } from "../project.ts";
import { dotted } from "./expression.ts";
import type { PythonModule } from "./module.ts";
import type { Token } from "./tokens.ts";

/** The second numbers of the Python 3 versions that do, from the first on, and where that is told. */
export interface PythonNeed {
  atLeast: number;
  below: number;
  why: string;
}

const anyPython: PythonNeed = { atLeast: 0, below: Number.POSITIVE_INFINITY, why: "" };

/**
 * The versions of Python 3 that an app can run on: what its project files say, the Django that it is tied to, and what
 * its source is written in.
 */
export function pythonNeed(project: Project, folder: string, requirements: ReadonlyMap<string, string>): PythonNeed {
  return [toldByFiles(project, folder), neededByDjango(requirements), writtenIn(project, folder)].reduce(
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

/** The bounds of a version specifier as `requires-python` and Poetry have them. */
function fromSpecifier(specifier: string, why: string): PythonNeed {
  let need = { ...anyPython, why };
  for (const [, operator = "", minor = "0"] of specifier.matchAll(/(\^|~=?|>=|==|<=?|>)\s*3\.(\d+)/g)) {
    const number = Number(minor);
    if (operator === "<") need = { ...need, below: Math.min(need.below, number) };
    else if (operator === "<=") need = { ...need, below: Math.min(need.below, number + 1) };
    else need = { ...need, atLeast: Math.max(need.atLeast, number) };
    const only = operator === "==" || (operator === "~" && !specifier.includes("~="));
    if (only) need = { ...need, below: Math.min(need.below, number + 1) };
  }
  return need;
}

/** Django's own ("What Python version can I use with Django?", Django FAQ). */
function neededByDjango(requirements: ReadonlyMap<string, string>): PythonNeed {
  const major = Number(/(?:==|>=|~=)\s*(\d+)/.exec(requirements.get("django") ?? "")?.[1] ?? 0);
  const atLeast = major >= 6 ? 12 : major === 5 ? 10 : 0;
  return { ...anyPython, atLeast, why: atLeast ? `Django ${major}` : "" };
}

const mayTell =
  /\|\s*None\b|\bNone\s*\||^\s*match\s|except\s*\*|^\s*type\s+\w|(def|class)\s+\w+\s*\[|^\s*(from|import)\s.*\b(tomllib|UTC|StrEnum|Self|ParamSpec|TypeAlias|TypeGuard|override)\b/m;

function writtenIn(project: Project, folder: string): PythonNeed {
  let need = anyPython;
  for (const file of below(project, folder)) {
    if (!file.endsWith(".py") || !mayTell.test(project.text(file))) continue;
    const atLeast = sourceNeeds(project.module(file));
    if (atLeast > need.atLeast) need = { ...anyPython, atLeast, why: file };
  }
  return need;
}

/** Names of the standard library by the version that brought them ("What's New in Python"). */
const news: Record<string, number> = {
  "typing.ParamSpec": 10,
  "typing.TypeAlias": 10,
  "typing.TypeGuard": 10,
  "typing.Self": 11,
  "enum.StrEnum": 11,
  "datetime.UTC": 11,
  tomllib: 11,
  "typing.override": 12,
};

function sourceNeeds({ lines, imports }: PythonModule): number {
  const lazy = [...imports.values()].some(({ module, name }) => module === "__future__" && name === "annotations");
  let least = 0;
  for (const { module, name } of imports.values())
    least = Math.max(least, news[name ? `${module}.${name}` : module] ?? 0);
  // What is imported only where it is there says nothing.
  if (
    lines.some(
      ({ tokens }) =>
        tokens[0]?.text === "except" && tokens.some(({ text }) => /^(ModuleNotFound|Import)Error$/.test(text)),
    )
  )
    least = 0;
  lines.forEach(({ tokens }, index) => {
    const [first, second, third] = tokens;
    const next = lines[index + 1]?.tokens[0]?.text;
    if (first?.text === "except" && second?.text === "*") least = Math.max(least, 11);
    if (first?.text === "type" && second?.kind === "name" && ["=", "["].includes(third?.text ?? ""))
      least = Math.max(least, 12);
    if (["def", "class"].includes(first?.text ?? "") && third?.text === "[") least = Math.max(least, 12);
    if (first?.text === "match" && tokens.at(-1)?.text === ":" && next === "case") least = Math.max(least, 10);
    if (!lazy && isAnnotated(tokens) && hasUnion(tokens)) least = Math.max(least, 10);
  });
  return least;
}

function isAnnotated(tokens: readonly Token[]): boolean {
  const start = tokens[0]?.text === "async" ? tokens[1] : tokens[0];
  const [, end] = dotted(tokens, 0);
  return start?.text === "def" || (end > 0 && tokens[end]?.text === ":" && tokens.length > end + 1);
}

/** `X | None`, which is a type since Python 3.10. */
function hasUnion(tokens: readonly Token[]): boolean {
  return tokens.some(
    ({ text }, at) => text === "|" && (tokens[at + 1]?.text === "None" || tokens[at - 1]?.text === "None"),
  );
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
