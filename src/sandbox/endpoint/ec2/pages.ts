import { AwsError } from "../aws-error.ts";
import type { Parameters } from "../parameters.ts";
import type { Element } from "../xml.ts";

/** One page of a list by `MaxResults` and `NextToken`; the token is the place to go on from. */
export function page(
  items: readonly Element[],
  parameters: Parameters,
  { least = 5, most = 1000, usual = most }: { least?: number; most?: number; usual?: number } = {},
): { items: Element[]; nextToken: string | undefined } {
  const size = checkPageSize(parameters, { least, most }) ?? usual;
  const token = parameters.optional("NextToken") || "0";
  if (!/^\d+$/.test(token)) throw new AwsError("InvalidNextToken", `The token '${token}' is invalid`);
  const start = Number(token);
  const end = start + size;
  return { items: items.slice(start, end), nextToken: end < items.length ? String(end) : undefined };
}

/** The call's `MaxResults`, refused outside the operation's limits. */
export function checkPageSize(
  parameters: Parameters,
  { least, most }: { least: number; most: number },
): number | undefined {
  const size = parameters.number("MaxResults");
  if (size !== undefined && (size < least || size > most)) {
    throw new AwsError(
      "InvalidParameterValue",
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value between ${least} and ${most}.`,
    );
  }
  return size;
}

/** The parameters of a call that moto shall see too, like the ids of what is asked for. */
export function only(form: URLSearchParams, names: readonly string[]): Record<string, string> {
  return Object.fromEntries([...form].filter(([key]) => names.includes(key.replace(/\.\d+$/, ""))));
}
