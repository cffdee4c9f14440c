import type { Action, Change } from "../engine/plan.ts";
import { knownAfterDeploy } from "../engine/resource.ts";
import type { Paint } from "./paint.ts";
import { shortId } from "./short-id.ts";

/** The stack, and where it is. */
interface Place {
  name: string;
  environment: string;
  region: string;
  account: string;
}

const marks: Record<Action, { mark: string; colour: "green" | "yellow" | "red" | "cyan" | "dim"; word: string }> = {
  none: { mark: " ", colour: "dim", word: "no change" },
  create: { mark: "+", colour: "green", word: "create" },
  bake: { mark: "+", colour: "green", word: "bake" },
  update: { mark: "~", colour: "yellow", word: "update" },
  roll: { mark: "~", colour: "cyan", word: "ROLL: new instances replace the old ones, which serve until then" },
  replace: { mark: "±", colour: "red", word: "REPLACE" },
  delete: { mark: "-", colour: "red", word: "delete" },
};

/** A plan as a person reads it: a line for each resource, its changing fields below it. */
export function planText(place: Place, changes: readonly Change[], paint: Paint): string {
  const changing = changes.filter(({ action }) => action !== "none");
  const same = changes.length - changing.length;
  const { name, environment, region, account } = place;
  return [
    `${paint.bold(`${name}-${environment}`)} in ${region}, account ${account}`,
    ...changing.flatMap((change) => changeLines(change, paint)),
    ...(same > 0 ? [paint.dim(`  ${same} ${same === 1 ? "resource" : "resources"} without change`)] : []),
  ].join("\n");
}

function changeLines({ resource, action, id, fields = {}, why }: Change, paint: Paint): string[] {
  const { mark, colour, word } = marks[action];
  const head = `${paint[colour](`${mark} ${resource}`)}  ${word}${id && action !== "create" ? paint.dim(`  ${shortId(id)}`) : ""}`;
  const creating = action === "create" || action === "bake";
  const width = Math.max(0, ...Object.keys(fields).map((field) => field.length));
  const lines = Object.entries(fields).flatMap(([field, { from, to }]) => {
    // What only AWS can tell, and what every resource carries, would only hide the rest.
    if (creating && (field === "tags" || field === "instanceTags" || to === knownAfterDeploy)) return [];
    const shown = creating ? value(to) : fieldChange(from, to);
    return [`    ${paint.dim(field.padEnd(width))}  ${shown}`];
  });
  return [head, ...(why ? [`    ${creating ? why : paint.red(why)}`] : []), ...lines];
}

/** Objects show only what differs in them. */
function fieldChange(from: unknown, to: unknown): string {
  if (!isPlain(from) || !isPlain(to)) return `${value(from)} → ${value(to)}`;
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter((key) => from[key] !== to[key]);
  return keys.map((key) => `${key}: ${value(from[key])} → ${value(to[key])}`).join(", ");
}

function isPlain(thing: unknown): thing is Record<string, unknown> {
  return typeof thing === "object" && thing !== null && !Array.isArray(thing);
}

function value(thing: unknown): string {
  if (thing === null || thing === undefined) return "none";
  if (Array.isArray(thing)) return thing.length ? thing.map(value).join(", ") : "none";
  if (isPlain(thing))
    return Object.entries(thing)
      .map(([key, inner]) => `${key}: ${value(inner)}`)
      .join(", ");
  return shortId(String(thing));
}
