/** A dependency as pip takes it; without a line where it comes from somewhere that cannot be told so. */
interface Dependency {
  name: string;
  line: string | undefined;
}

/**
 * The dependencies of `tool.poetry.dependencies`, without Python itself and without optional ones. `sources` is
 * `tool.poetry.source`.
 */
export function fromPoetry(dependencies: object, sources?: unknown): Dependency[] {
  return Object.entries(dependencies).flatMap(([name, given]): Dependency[] => {
    if (name.toLowerCase() === "python" || given?.optional === true) return [];
    return [{ name, line: pipLine(name, given, sources) }];
  });
}

/** The packages of a Pipfile. */
export function fromPipfile(document: object): Dependency[] {
  const { packages, source } = document as { packages?: object; source?: unknown };
  return Object.entries(packages ?? {}).map(([name, given]) => ({ name, line: pipLine(name, given, source) }));
}

/**
 * Whether a dependency comes from somewhere else than the public index, which may have another's package by its name: from
 * git, a path, an address or a source of the project's own.
 */
export function isElsewhere(given: unknown, sources: unknown): boolean {
  if (Array.isArray(given)) return given.some((each) => isElsewhere(each, sources));
  if (typeof given !== "object" || given === null) return false;
  const { git, path, url, file, source, index = source } = given as Record<string, unknown>;
  return (
    [git, path, url, file].some((each) => each !== undefined) || !(index === undefined || isPublic(index, sources))
  );
}

function isPublic(name: unknown, sources: unknown): boolean {
  const known: unknown[] = Array.isArray(sources) ? sources : [];
  const source = known.find((each) => (each as { name?: unknown } | null)?.name === name) as
    | { url?: unknown }
    | undefined;
  if (source?.url === undefined) return /^pypi$/i.test(String(name));
  return /^https:\/\/pypi\.org\//.test(String(source.url));
}

function pipLine(name: string, given: unknown, sources: unknown): string | undefined {
  if (typeof given === "string") return withVersion(name, given);
  if (typeof given !== "object" || given === null || Array.isArray(given) || isElsewhere(given, sources))
    return undefined;
  const { version, extras } = given as Record<string, unknown>;
  const extra = Array.isArray(extras) && extras.length > 0 ? `[${extras.join(",")}]` : "";
  const line = withVersion(`${name}${extra}`, typeof version === "string" ? version : "*");
  const markers = markersOf(given);
  if (line === undefined || markers.includes(undefined)) return undefined;
  const all = markers.map((each) => (markers.length > 1 && /\bor\b/.test(each ?? "") ? `(${each})` : each));
  return all.length > 0 ? `${line} ; ${all.join(" and ")}` : line;
}

/** What Pipenv takes as a key of its own ("Specifying Basically Anything", Pipenv documentation; PEP 508). */
const environmentMarkers = [
  "os_name",
  "sys_platform",
  "platform_machine",
  "platform_python_implementation",
  "platform_release",
  "platform_system",
  "platform_version",
  "python_version",
  "python_full_version",
  "implementation_name",
  "implementation_version",
];

/** Where a dependency is wanted, as markers of PEP 508; undefined for what cannot be said so. */
function markersOf(given: object): (string | undefined)[] {
  return Object.entries(given).flatMap(([key, value]): (string | undefined)[] => {
    if (key === "markers") return [typeof value === "string" ? value : undefined];
    if (key === "platform") return [platformMarker(value)];
    if (key === "python") return pythonMarkers(value);
    if (!environmentMarkers.includes(key)) return [];
    const compares = /^\s*(==|!=|<=?|>=?|~=|in|not in)\s*(['"])[^'"]*\2\s*$/.test(String(value));
    return [compares ? `${key} ${String(value).trim()}` : undefined];
  });
}

/** Poetry's `platform`, which is one of Python's own names ("Dependency specification", Poetry documentation). */
function platformMarker(value: unknown): string | undefined {
  const [, operator = "==", name] = /^\s*(==|!=)?\s*(\w+)\s*$/.exec(String(value)) ?? [];
  return name && `sys_platform ${operator} '${name}'`;
}

/** Poetry's `python`. */
function pythonMarkers(value: unknown): (string | undefined)[] {
  if (typeof value !== "string" || value.includes("||")) return [undefined];
  return value.split(",").flatMap((part): (string | undefined)[] => {
    const specifiers = specifier(part.trim());
    if (specifiers === "") return [];
    return (specifiers?.split(",") ?? [""]).map((each) => {
      const [, operator, version = ""] = /^([<>=!~]+)([\d.*]+)$/.exec(each) ?? [];
      const which = version.replace(/\.\*$/, "").split(".").length > 2 ? "python_full_version" : "python_version";
      return operator && `${which} ${operator} '${version}'`;
    });
  });
}

/** A name with a version as Poetry and Pipenv write it ("Dependency specification", Poetry documentation), as pip takes it. */
function withVersion(name: string, version: string): string | undefined {
  if (version.includes("||")) return undefined;
  const parts = version.split(",").map((part) => specifier(part.trim()));
  return parts.includes(undefined) ? undefined : `${name}${parts.filter(Boolean).join(",")}`;
}

function specifier(part: string): string | undefined {
  if (part === "*" || part === "") return "";
  const [, operator = "", version = ""] = /^(\^|~(?!=)|===?|~=|!=|[<>]=?)?\s*([\w.*+!-]+)$/.exec(part) ?? [];
  if (version === "") return undefined;
  if (operator === "^") return `>=${version},<${nextOf(version, significant(version))}`;
  if (operator === "~") return `>=${version},<${nextOf(version, Math.min(1, version.split(".").length - 1))}`;
  return `${operator || "=="}${version}`;
}

/** The place of the first number that is not zero: a caret keeps it and those before it. */
function significant(version: string): number {
  const numbers = version.split(".");
  const found = numbers.findIndex((number) => Number(number) !== 0);
  return found < 0 ? numbers.length - 1 : found;
}

/** The first version that differs in the number at `place`, or in one before it. */
function nextOf(version: string, place: number): string {
  const numbers = version.split(".").map((number) => Number.parseInt(number, 10) || 0);
  return numbers.map((number, index) => (index < place ? number : index === place ? number + 1 : 0)).join(".");
}
