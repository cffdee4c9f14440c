import type { TestSandbox } from "../sandboxes.ts";
import type { Ended } from "./program.ts";
import { counting, type Requests } from "./requests.ts";

/** What one run of a tool took. */
export interface Sample {
  seconds: number;
  cpuSeconds: number;
  peakMiB: number;
  requests: Requests;
}

/** Runs a tool once, with what it asks of the endpoint. */
export async function sample(aws: TestSandbox, run: () => Promise<Ended>): Promise<Sample> {
  const [{ seconds, cpuSeconds, peakMiB }, requests] = await counting(aws, run);
  return { seconds, cpuSeconds, peakMiB, requests };
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [low = Number.NaN, high = low] = [
    sorted[Math.ceil(sorted.length / 2) - 1],
    sorted[Math.floor(sorted.length / 2)],
  ];
  return (low + high) / 2;
}

/** The medians of each figure. */
export function medianSample(samples: readonly Sample[]): Sample {
  const of = (figure: (sample: Sample) => number) => median(samples.map(figure));
  return {
    seconds: of(({ seconds }) => seconds),
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
    peakMiB: of(({ peakMiB }) => peakMiB),
    requests: {
      all: of(({ requests }) => requests.all),
      changing: of(({ requests }) => requests.changing),
      inARow: of(({ requests }) => requests.inARow),
    },
  };
}

/** The median of what each run took of the other tool's run of the same round. */
export function medianRatio(samples: readonly Sample[], others: readonly Sample[]): number {
  return median(samples.map(({ seconds }, index) => seconds / (others[index]?.seconds ?? Number.NaN)));
}
