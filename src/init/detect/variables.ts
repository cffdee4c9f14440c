import type { Project } from "../project.ts";
import { closing, dotted, type Expression, expression } from "../python/expression.ts";
import { qualified } from "../python/names.ts";
import type { LogicalLine, Token } from "../python/tokens.ts";

/**
 * The variables that a file fails without: `os.environ["X"]`, and `env("X")` of django-environ or environs and `config("X")`
 * of python-decouple without a default. Not those that it looks for first.
 */
export function neededVariables(project: Project, file: string): string[] {
  if (!/\b(environ|environs|decouple|env)\b/.test(project.text(file))) return [];
  const { lines } = project.module(file);
  const caught = caughtLines(lines);
  const needed = lines.filter((line) => !caught.has(line)).flatMap(({ tokens }) => readIn(project, file, tokens));
  const optional = new Set(lines.flatMap(({ tokens }) => optionalIn(tokens)));
  return needed.filter((name) => !optional.has(name));
}

function readIn(project: Project, file: string, tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ text, kind }, at) => {
    const [open, name, close, next] = tokens.slice(at + 1, at + 5);
    if (text === "environ" && open?.text === "[" && close?.text === "]" && next?.text !== "=") return name?.value ?? [];
    if (kind !== "name" || tokens[at - 1]?.text === ".") return [];
    const [, end] = dotted(tokens, at);
    if (tokens[end]?.text !== "(" || tokens[end + 1]?.value === undefined) return [];
    return requiredBy(project, file, expression(tokens.slice(at, closing(tokens, end) + 1))) ?? [];
  });
}

/** The variable that a call of a known reader cannot do without. */
function requiredBy(project: Project, file: string, { path, args, keywords }: Expression): string | undefined {
  const [reader = "", method, ...more] = path.split(".");
  const name = args?.[0]?.string;
  if (!name || args?.length !== 1 || keywords.has("default") || more.length > 0) return undefined;
  if (["read_env", "prefixed", "setdefault", "get"].includes(method ?? "")) return undefined;
  const place = qualified(project, file, reader);
  if ("external" in place) {
    const known = method === undefined ? /^(decouple\.config|environs\.env)$/ : /^environs\.env$/;
    return known.test(place.external) ? name : undefined;
  }
  const made = project.module(place.file).assigned.get(place.name);
  const maker = made?.args && qualified(project, place.file, made.path);
  const isReader = maker && "external" in maker && /^environs?\.(Env|FileAwareEnv)$/.test(maker.external);
  // Env(DEBUG=(bool, False)) gives defaults by name.
  return isReader && !made.keywords.has(name) ? name : undefined;
}

/** The variables that a statement looks for, or gives a value. */
function optionalIn(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ value }, at) => {
    if (value === undefined) return [];
    const [before, open] = [tokens[at - 2]?.text, tokens[at - 1]?.text];
    const looks = tokens[at + 1]?.text === "in" && tokens.slice(at + 2, at + 5).some(({ text }) => text === "environ");
    const gives = open === "(" && before === "setdefault" && tokens[at - 4]?.text === "environ";
    const sets = open === "[" && before === "environ" && tokens[at + 2]?.text === "=";
    return looks || gives || sets ? [value] : [];
  });
}

/** The lines of which a missing variable is caught, and not raised again. */
function caughtLines(lines: readonly LogicalLine[]): Set<LogicalLine> {
  const caught = new Set<LogicalLine>();
  const open: { indent: number; from: number; to?: number }[] = [];
  lines.forEach(({ indent, tokens }, at) => {
    const word = tokens[0]?.text ?? "";
    while ((open.at(-1)?.indent ?? -1) > indent) open.pop();
    const block = open.at(-1)?.indent === indent ? open.at(-1) : undefined;
    if (block && word === "except") {
      block.to ??= at;
      const raises = lines[at + 1]?.tokens[0]?.text === "raise";
      if (catches(tokens) && !raises) for (const line of lines.slice(block.from, block.to)) caught.add(line);
    } else if (block && !["else", "finally"].includes(word)) open.pop();
    if (word === "try") open.push({ indent, from: at });
  });
  return caught;
}

function catches(tokens: readonly Token[]): boolean {
  const errors = /^(KeyError|LookupError|Exception|ImproperlyConfigured|EnvError|UndefinedValueError)$/;
  return tokens[1]?.text === ":" || tokens.some(({ text }) => errors.test(text));
}
