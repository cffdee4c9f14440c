import { Failure, sameCommand } from "../failure.ts";

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
