import { Failure } from "../failure.ts";
import { nearest } from "./nearest.ts";
import { jsonText, type Place, valueAt } from "./place.ts";

/** The environments that a config file knows. */
export interface Environments {
  /** The one to work with. */
  chosen: string;
  /** The file's own, which is chosen where nobody chooses. */
  own: string;
  /** Those in which something differs. */
  overridden: readonly string[];
}

/**
 * The environments in the document of a config file. `wanted`, when given, is chosen; throws a `Failure` where the file
 * has environments and it is none of them.
 */
export function environmentsIn(file: string, document: unknown, wanted: string | undefined): Environments {
  const given = valueAt(document, ["environments"]);
  const listed = isObject(given) ? Object.keys(given) : [];
  const overridden = listed.filter((name) => isObject(valueAt(given, [name])));
  const environment = valueAt(document, ["environment"]);
  const own = typeof environment === "string" ? environment : "dev";
  const known = [...new Set([own, ...listed])];
  const chosen = wanted ?? own;
  if (!isObject(given) || known.includes(chosen)) return { chosen, own, overridden };
  const suggestion = nearest(chosen, known);
  throw new Failure({
    code: "unknown-environment",
    message: `${file} has no environment ${jsonText(chosen)}.`,
    reason: `It has ${known.join(", ")}; ${own} is the one it takes without --environment.`,
    fix: [
      `Choose one of them${suggestion ? `: --environment ${suggestion}` : ""}, or add it to environments.`,
      "status, destroy and the like reach a stack that is in no file any more by --name and --environment.",
    ].join("\n"),
  });
}

/** The document of one environment: the file's, with what differs in it, and without the environments. */
export function documentOf(document: unknown, environment: string): unknown {
  if (!isObject(document)) return document;
  const { environments: _, ...base } = document;
  const override = valueAt(document, ["environments", environment]);
  const own = isObject(override)
    ? Object.fromEntries(Object.entries(override).filter(([key]) => !isOfTheStack([key])))
    : {};
  return merged({ ...base, environment }, own);
}

/** Objects key by key; all else as `override` has it. */
function merged(base: unknown, override: unknown): unknown {
  if (!isObject(base) || !isObject(override)) return override;
  const changed = Object.entries(override).map(([key, value]) => [key, merged(valueAt(base, [key]), value)]);
  // Entries, not assignments: a key may be __proto__.
  return Object.fromEntries([...Object.entries(base), ...changed]);
}

/** Where the file has the value that an environment's document has at `place`; undefined where it has none. */
export function standsAt(document: unknown, environment: string, place: Place): Place | undefined {
  return [inOverride(environment, place), place].find((each) => valueAt(document, each) !== undefined);
}

/** Where an environment gives its own value for what stands at `place` in the rest of the file. */
export function inOverride(environment: string, place: Place): Place {
  return ["environments", environment, ...place];
}

/** Whether this is told once for all environments. */
export function isOfTheStack([key]: Place): boolean {
  return key === "$schema" || key === "name" || key === "environment" || key === "environments";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
