/** A dependency as pip takes it; without a line where it comes from somewhere that cannot be told so. */
interface Dependency {
  name: string;
  line: string | undefined;
}

/** The dependencies of `tool.poetry.dependencies`, without Python itself and without optional ones. */
export function fromPoetry(dependencies: object): Dependency[] {
  return Object.entries(dependencies).flatMap(([name, given]): Dependency[] => {
    if (name.toLowerCase() === "python" || given?.optional === true) return [];
    return [{ name, line: pipLine(name, given) }];
  });
}

/** The packages of a Pipfile. */
export function fromPipfile(document: object): Dependency[] {
  const { packages } = document as { packages?: object };
  return Object.entries(packages ?? {}).map(([name, given]) => ({ name, line: pipLine(name, given) }));
}

function pipLine(name: string, given: unknown): string | undefined {
  if (typeof given === "string") return withVersion(name, given);
  if (typeof given !== "object" || given === null || Array.isArray(given)) return undefined;
  const { version, extras, git, path, url, file, markers } = given as Record<string, unknown>;
  if ([git, path, url, file].some((each) => each !== undefined)) return undefined;
  const extra = Array.isArray(extras) && extras.length > 0 ? `[${extras.join(",")}]` : "";
  const line = withVersion(`${name}${extra}`, typeof version === "string" ? version : "*");
  return line && typeof markers === "string" ? `${line} ; ${markers}` : line;
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
