import type { Parameters } from "../parameters.ts";

export type Tags = ReadonlyMap<string, string>;
type Context = [key: string, values: readonly string[]][];

/** The condition keys of a resource's tags. */
export function resourceTags(tags: Tags): Context {
  return [...tags].map(([key, value]) => [`aws:ResourceTag/${key}`, [value]]);
}

/** The condition keys of the tags that a call sets. */
export function requestTags(tags: Tags): Context {
  if (tags.size === 0) return [];
  return [
    ["aws:TagKeys", [...tags.keys()]],
    ...[...tags].map(([key, value]): Context[number] => [`aws:RequestTag/${key}`, [value]]),
  ];
}

/** The tags of a call's list: `Tag.N` of EC2, `Tags.member.N` of the others, or `TagKeys.member.N`. */
export function givenTags(parameters: Parameters): Tags {
  const listed = [...parameters.groups("Tag"), ...parameters.groups("Tags")];
  const keys = parameters.list("TagKeys").map((key) => [key, ""] as const);
  return new Map([...listed.map((tag) => [tag.text("Key"), tag.optional("Value") ?? ""] as const), ...keys]);
}

/** The tags that an EC2 call sets on what it makes of a type. */
export function specifiedTags(parameters: Parameters, type: string): Tags {
  const specifications = parameters.groups("TagSpecification").filter((one) => one.optional("ResourceType") === type);
  const tags = specifications.flatMap((one) => one.groups("Tag"));
  return new Map(tags.map((tag) => [tag.text("Key"), tag.optional("Value") ?? ""]));
}
