import type { z } from "zod";
import { nearest } from "./nearest.ts";
import type { Place } from "./repeated.ts";
import { configSchema } from "./schema.ts";

/** One thing that is wrong with a config. `path` is where, in dots and brackets: `network.subnetIds[1]`. */
export interface Problem {
  path: string;
  expected: string;
  got: string;
  /** The known key that is nearest to an unknown one. */
  didYouMean?: string;
}

/** Every problem zod found in `raw`, one for each place, in the order of the config. */
export function schemaProblems(error: z.ZodError, raw: unknown): Problem[] {
  const problems = error.issues.flatMap((issue): Problem[] => {
    const path = issue.path as (string | number)[];
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key));
    if (issue.code === "invalid_key") {
      return [{ path: format(path), expected: issue.issues[0]?.message ?? issue.message, got: show(path.at(-1)) }];
    }
    return [{ path: format(path), expected: issue.message, got: show(valueAt(raw, path)) }];
  });
  const seen = new Set<string>();
  return problems.filter(({ path }) => !seen.has(path) && seen.add(path));
}

/** A problem for each key that is given again: which of its values is meant, nobody can tell. */
export function repeatedProblems(places: readonly Place[]): Problem[] {
  return places.map((place) => ({
    path: format(place),
    expected: "each key once",
    got: `${show(place.at(-1))} again`,
  }));
}

function unknownKey(parent: (string | number)[], key: string): Problem {
  const known = keysAt(parent);
  const suggestion = nearest(key, known);
  return {
    path: format([...parent, key]),
    expected: `one of the known keys: ${known.join(", ")}`,
    got: `the unknown key ${JSON.stringify(key)}`,
    ...(suggestion ? { didYouMean: suggestion } : {}),
  };
}

/** The keys that the schema knows at a path. */
function keysAt(path: (string | number)[]): string[] {
  let schema: unknown = configSchema;
  for (const key of path) schema = unwrap((unwrap(schema) as { shape?: Record<string, unknown> }).shape?.[key]);
  return Object.keys((unwrap(schema) as { shape?: object } | undefined)?.shape ?? {});
}

/** The schema inside default, optional and nullable. */
function unwrap(schema: unknown): unknown {
  const inner = (schema as { def?: { innerType?: unknown } } | undefined)?.def?.innerType;
  return inner ? unwrap(inner) : schema;
}

function format(path: Place): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (!/^[\w$-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text ? `${text}.${key}` : key;
  }, "");
}

export function valueAt(raw: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    raw,
  );
}

/** A value as a person wants to see it in an error: JSON, shortened; `nothing` when it is not there. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…"` : text;
}
