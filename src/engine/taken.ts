import { Failure, sameCommand } from "../failure.ts";
import type { AnyResource, Live } from "./resource.ts";

/** The name is taken by something that does not carry the stack's tags; it is left alone. */
export function madeByOthers(kind: string, name: string, id: string | undefined): Failure {
  return new Failure({
    code: "name-taken",
    message: `The ${kind} ${name} is there already and is not this stack's.`,
    reason: `${id ?? "It"} does not carry the tags multivac:name and multivac:environment of this stack, so it is left alone.`,
    fix: "Choose another name or environment in the config, or remove it yourself if nobody needs it.",
  });
}

/** The stack has this since the plan was made, in a way that cannot be changed; a new plan replaces it. */
export function madeOtherwise(kind: string, name: string, id: string): Failure {
  return new Failure({
    code: "plan-outdated",
    message: `The ${kind} ${name} was made meanwhile, and not as it is wanted now.`,
    reason: `AWS did not list ${id} when the plan was made.`,
    fix: `Run again, which looks anew and replaces it: ${sameCommand}`,
  });
}

/**
 * A change from one to another was not finished, so that all names are taken, and what is wanted now is neither: AWS
 * cannot tell which of the two serves without a listener's rules, so that none of them is deleted for a third.
 */
export function changeUnfinished(
  { resource, immutable = [] }: AnyResource,
  there: readonly Live[],
  wanted: object,
): Failure {
  const told = (one: object) =>
    immutable.map((field) => `${field} ${(one as Record<string, unknown>)[field]}`).join(", ");
  const what = resource.replaceAll("-", " ");
  return new Failure({
    code: "change-unfinished",
    message: `A change of the ${what} was not finished, and this is another one.`,
    reason: [
      ...there.map((one) => `${one.name ?? one.id} has ${told(one)}.`),
      `This config wants ${told(wanted)}.`,
    ].join("\n"),
    fix: `Deploy with the config of one of those first, which finishes that change or takes it back. Then run again: ${sameCommand}`,
  });
}
