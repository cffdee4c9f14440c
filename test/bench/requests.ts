import type { TestSandbox } from "../sandboxes.ts";

/** One request, as the endpoint's log has it. */
interface Request {
  number: number;
  /** ISO 8601. */
  time: string;
  milliseconds: number;
  action: string;
  changing: boolean;
}

export interface Requests {
  all: number;
  changing: number;
  /** The most that came one after another, each sent after the one before was answered. */
  inARow: number;
}

/** Counts what the endpoint is asked while `work` runs. */
export async function counting<T>({ endpoint }: TestSandbox, work: () => Promise<T>): Promise<[T, Requests]> {
  const since = async (number: number): Promise<Request[]> =>
    (await (await fetch(`${endpoint}/_multivac/calls?since=${number}`)).json()) as Request[];
  const before = (await since(0)).at(-1)?.number ?? 0;
  const result = await work();
  const requests = await since(before);
  return [
    result,
    {
      all: requests.length,
      changing: requests.filter(({ changing }) => changing).length,
      inARow: mostInARow(requests),
    },
  ];
}

/**
 * Of intervals, the most that follow one another: taking the one that ends first is best (interval scheduling). Whether one
 * had to wait for the other they do not tell.
 */
function mostInARow(requests: Request[]): number {
  const intervals = requests.map(({ time, milliseconds }) => {
    const start = Date.parse(time);
    return { start, end: start + milliseconds };
  });
  let free = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (const { start, end } of intervals.sort((a, b) => a.end - b.end)) {
    if (start < free) continue;
    count += 1;
    free = end;
  }
  return count;
}
