import type { Tags } from "../stack.ts";

/** Tags as EC2 and Elastic Load Balancing take them. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags from an answer, without AWS's own (`aws:…`), sorted by key. */
export function readTags(list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Tags {
  const own = (list ?? []).filter(({ Key }) => Key && !Key.startsWith("aws:"));
  return Object.fromEntries(
    own.map(({ Key, Value }) => [Key ?? "", Value ?? ""]).sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
  );
}

/** What has to be set and removed to get from `live` to `desired`. */
export function tagChanges(live: Tags, desired: Tags): { set: Tags; remove: string[] } {
  return {
    set: Object.fromEntries(Object.entries(desired).filter(([key, value]) => live[key] !== value)),
    remove: Object.keys(live).filter((key) => !(key in desired)),
  };
}

/** Filters for EC2's describe calls: what carries the stack's tags. */
export function stackFilters(stack: { name: string; environment: string }): { Name: string; Values: string[] }[] {
  return [
    { Name: "tag:multivac:name", Values: [stack.name] },
    { Name: "tag:multivac:environment", Values: [stack.environment] },
  ];
}
