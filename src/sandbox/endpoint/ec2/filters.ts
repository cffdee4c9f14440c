import { AwsError } from "../aws-error.ts";
import type { Parameters } from "../parameters.ts";
import { type Element, elements, text } from "../xml.ts";

/** What each filter's name looks at in an item; `tag:KEY`, `tag-key` and `tag-value` are known for every item. */
export type FilterFields = Record<string, (item: Element) => readonly string[]>;

/** Keeps the items that match every filter of the call. Values may hold `*` and `?`. */
export function filtered(items: readonly Element[], parameters: Parameters, fields: FilterFields): Element[] {
  const filters = parameters.groups("Filter").map((filter) => {
    const name = filter.text("Name");
    const patterns = filter.list("Value").map(pattern);
    const values = valuesOf(name, fields);
    return (item: Element) => values(item).some((value) => patterns.some((one) => one.test(value)));
  });
  return items.filter((item) => filters.every((matches) => matches(item)));
}

function valuesOf(name: string, fields: FilterFields): (item: Element) => readonly string[] {
  const tags = (item: Element) => elements(item.tagSet);
  if (name.startsWith("tag:")) {
    const wanted = name.slice("tag:".length);
    return (item) =>
      tags(item)
        .filter(({ key }) => text(key) === wanted)
        .map(({ value }) => text(value));
  }
  if (name === "tag-key") return (item) => tags(item).map(({ key }) => text(key));
  if (name === "tag-value") return (item) => tags(item).map(({ value }) => text(value));
  const field = fields[name];
  if (!field) throw new AwsError("InvalidParameterValue", `The filter '${name}' is invalid`);
  return field;
}

function pattern(value: string): RegExp {
  const escaped = value.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
}
