import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** Give up after this many seconds. */
  limitSeconds: number;
  signal?: AbortSignal | undefined;
  /** First and longest pause between two looks, in seconds. */
  pause?: { first: number; longest: number };
}

/**
 * Looks again and again until `look` gives something other than undefined, with pauses that grow by half.
 * Returns undefined when the limit is over; rejects when `look` throws or the signal aborts.
 */
export async function waitFor<T>(look: () => Promise<T | undefined>, options: WaitOptions): Promise<T | undefined> {
  const { limitSeconds, signal, pause = { first: 0.25, longest: 5 } } = options;
  const end = performance.now() + limitSeconds * 1000;
  for (let seconds = pause.first; ; seconds = Math.min(seconds * 1.5, pause.longest)) {
    signal?.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    const left = end - performance.now();
    if (left <= 0) return undefined;
    await sleep(Math.min(seconds * 1000, left), undefined, { signal });
  }
}

/** An AWS error's code, like `InvalidGroup.NotFound`; empty for anything else. */
export function errorCode(error: unknown): string {
  return typeof error === "object" && error !== null && "$metadata" in error && error instanceof Error
    ? error.name
    : "";
}

/** The answer, or undefined where AWS says one of `codes`: the thing is not there. */
export async function orMissing<T>(answer: Promise<T>, ...codes: string[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (codes.includes(errorCode(error))) return undefined;
    throw error;
  }
}

/**
 * Sends again while AWS answers with one of `codes`: a thing just created that not every part of AWS knows yet, or
 * one just released that something still holds. `waiting` hears of each refusal. After the limit the last error is thrown.
 */
export async function whileRefused<T>(
  send: () => Promise<T>,
  codes: readonly string[],
  options: WaitOptions & { waiting?: (error: Error) => void },
): Promise<T> {
  let last: unknown;
  const answer = await waitFor(async () => {
    try {
      return { value: await send() };
    } catch (error) {
      if (!codes.includes(errorCode(error))) throw error;
      last = error;
      options.waiting?.(error as Error);
      return undefined;
    }
  }, options);
  if (!answer) throw last;
  return answer.value;
}
