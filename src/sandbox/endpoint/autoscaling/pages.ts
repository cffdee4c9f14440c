import { AwsError } from "../aws-error.ts";
import type { Parameters } from "../parameters.ts";

/** One page of a list, by `MaxRecords` and `NextToken`; the token is the place to go on from. */
export function page<Item>(
  items: readonly Item[],
  parameters: Parameters,
  { limit = 50, most = 100 }: { limit?: number; most?: number } = {},
): { items: Item[]; NextToken: string | undefined } {
  const token = parameters.optional("NextToken") ?? "0";
  if (!/^\d+$/.test(token)) throw new AwsError("InvalidNextToken", "The NextToken value is not valid.");
  const size = Math.min(parameters.number("MaxRecords") ?? limit, most);
  const start = Number(token);
  const end = start + size;
  return { items: items.slice(start, end), NextToken: end < items.length ? String(end) : undefined };
}
