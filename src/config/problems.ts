import type { z } from "zod";
import { nearest } from "./nearest.ts";
import { format, jsonText, type Place, valueAt } from "./place.ts";
import { fileSchema } from "./schema.ts";

/** One thing that is wrong with a config, and where. */
export interface Problem {
  path: Place;
  expected: string;
  got: string;
  /** The known key that is nearest to an unknown one. */
  didYouMean?: string;
  /** Something that has to be there is missing, or a key is unknown. */
  is?: "missing" | "unknown";
  /** The environments in which it is wrong, where it is right in the rest of the file. */
  within?: readonly string[];
}

/** A problem in one line: `instances.min: expected …, got …`. */
export function problemLine({ path, expected, got, didYouMean, within = [] }: Problem): string {
  const where = within.length > 0 ? ` in ${within.join(", ")}` : "";
  return didYouMean
    ? `${format(path)}: ${got} (did you mean "${didYouMean}"?)`
    : `${format(path) || "the document"}: expected ${expected}, got ${got}${where}`;
}

/** Every problem zod found in `raw`, one for each place, in the order of the config. */
export function schemaProblems(error: z.ZodError, raw: unknown): Problem[] {
  const problems = error.issues.flatMap((issue): Problem[] => {
    const path = issue.path as (string | number)[];
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key));
    if (issue.code === "invalid_key") {
      return [{ path, expected: issue.issues[0]?.message ?? issue.message, got: show(path.at(-1)) }];
    }
    const value = valueAt(raw, path);
    return [{ path, expected: issue.message, got: show(value), ...(value === undefined ? { is: "missing" } : {}) }];
  });
  const seen = new Set<string>();
  return problems.filter(({ path }) => !seen.has(format(path)) && seen.add(format(path)));
}

/** A problem for each key that is given again: which of its values is meant, nobody can tell. */
export function repeatedProblems(places: readonly Place[]): Problem[] {
  return places.map((path) => ({ path, expected: "each key once", got: `${show(path.at(-1))} again` }));
}

function unknownKey(parent: (string | number)[], key: string): Problem {
  const known = keysAt(parent);
  const suggestion = nearest(key, known);
  return {
    path: [...parent, key],
    expected: `one of the known keys: ${known.join(", ")}`,
    got: `the unknown key ${jsonText(key)}`,
    is: "unknown",
    ...(suggestion ? { didYouMean: suggestion } : {}),
  };
}

/** The keys that the schema knows at a path. */
function keysAt(path: (string | number)[]): string[] {
  let schema: unknown = fileSchema;
  for (const key of path) schema = below(unwrap(schema), key);
  return Object.keys((unwrap(schema) as { shape?: object } | undefined)?.shape ?? {});
}

/** The schema of what an object has at `key`, be it one of known keys or of any. */
function below(schema: unknown, key: string | number): unknown {
  const { shape, def } = schema as { shape?: Record<string, unknown>; def?: { valueType?: unknown } };
  return shape?.[key] ?? def?.valueType;
}

/** The schema inside default, optional and nullable. */
function unwrap(schema: unknown): unknown {
  const inner = (schema as { def?: { innerType?: unknown } } | undefined)?.def?.innerType;
  return inner ? unwrap(inner) : schema;
}

/** A value as a person wants to see it in an error: JSON, shortened; `nothing` when it is not there. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  // JSON has no word for a number that is too large to be one here.
  if (typeof value === "number" && !Number.isFinite(value)) return "a number that is too large";
  const text = jsonText(value);
  return text.length > 80 ? `${text.slice(0, 77)}…"` : text;
}
