import { paginateDescribeTags } from "@aws-sdk/client-ec2";
import type { Look } from "../engine/resource.ts";
import type { Stack } from "../stack.ts";
import type { Aws } from "./aws.ts";

/** The ids of what EC2 has by a name's tag, by AWS's kind: `security-group`, `volume`, … */
export type TagIndex = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * What EC2 has under the stack's name, of every kind and environment, in one call however much else there is: a kind
 * that is not in it need not be asked for.
 */
export async function readTagIndex({ ec2: client }: Aws, { name }: Stack): Promise<TagIndex> {
  const index = new Map<string, Set<string>>();
  const Filters = [
    { Name: "key", Values: ["multivac:name"] },
    { Name: "value", Values: [name] },
  ];
  for await (const { Tags = [] } of paginateDescribeTags({ client }, { Filters })) {
    for (const { ResourceType = "", ResourceId = "" } of Tags)
      index.set(ResourceType, (index.get(ResourceType) ?? new Set()).add(ResourceId));
  }
  return index;
}

const indexes = new WeakMap<Look, Promise<TagIndex>>();

/** The same, read once in a look. */
export function tagIndexOf(look: Look): Promise<TagIndex> {
  const reading = indexes.get(look) ?? readTagIndex(look.aws, look.stack);
  indexes.set(look, reading);
  return reading;
}

/** Ids of a kind in a look's index that are not among those known already. */
export async function taggedBeside(look: Look, kind: string, known: readonly { id: string }[]): Promise<string[]> {
  const ids = (await tagIndexOf(look)).get(kind) ?? new Set();
  return [...ids].filter((id) => !known.some((one) => one.id === id));
}
