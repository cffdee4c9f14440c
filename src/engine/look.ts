import type { Aws } from "../aws/aws.ts";
import type { Stack } from "../stack.ts";
import { belongs } from "./owned.ts";
import type { Live, Look, Part } from "./resource.ts";

/** What a look found for one resource. */
export interface Found {
  owned: Live[];
  /** Bears the resource's name but not the stack's tags: somebody else's, never touched. */
  foreign: Live[];
}

export type Seen = ReadonlyMap<Part<Live>, Found>;

/**
 * Reads every resource, or part of one, once, side by side. The one way of reading that plan, deploy, status and destroy share; a
 * `brief` look leaves out what only a comparison needs.
 */
export async function look(
  aws: Aws,
  stack: Stack,
  resources: readonly Part<Live>[],
  { brief = false } = {},
): Promise<Seen> {
  const found = new Map<Part<Live>, Promise<Live[]>>();
  const eyes: Look = {
    aws,
    stack,
    brief,
    at: <L extends Live>(resource: Part<L>): Promise<L[]> => {
      const looking = found.get(resource) ?? resource.find(eyes);
      found.set(resource, looking);
      return looking as Promise<L[]>;
    },
  };
  const all = await Promise.all(resources.map((resource) => eyes.at(resource)));
  return new Map(resources.map((resource, index) => [resource, sort(stack, all[index] ?? [])]));
}

function sort(stack: Stack, lives: Live[]): Found {
  return {
    owned: lives.filter((live) => belongs(stack, live)),
    foreign: lives.filter((live) => !belongs(stack, live)),
  };
}
