import { setTimeout as sleep } from "node:timers/promises";
import { isServerError, isThrottlingError, isTransientError } from "@smithy/core/retry";
import { Failure, sameCommand } from "../failure.ts";
import { during } from "../spans.ts";
import type { AwsError } from "./origin.ts";

interface Pause {
  first: number;
  longest: number;
}

export interface WaitOptions {
  /** Give up after this many seconds. */
  limitSeconds: number;
  signal?: AbortSignal | undefined;
  /** First and longest pause between two looks, in seconds; a function is asked before each. */
  pause?: Pause | (() => Pause);
  /** Ends a pause of a second or longer once, when there is something to see: pauses are short again from then on. */
  wake?: AbortSignal | undefined;
  /** Hears that AWS is in trouble, and that the wait goes on. */
  progress?: ((text: string) => void) | undefined;
}

/** For how long AWS may throttle, fail or be out of reach without a break before a wait ends, in seconds. */
const longestTrouble = 300;

/**
 * Looks again and again until `look` gives something other than undefined, with pauses that grow by half. Returns
 * undefined when the limit is over; rejects when the signal aborts, and when `look` throws what will not pass. Trouble
 * of AWS that lasts longer than the SDK's own attempts ends no wait before five minutes, or its limit, are over.
 */
export async function waitFor<T>(look: () => Promise<T | undefined>, options: WaitOptions): Promise<T | undefined> {
  const { limitSeconds, signal, pause = { first: 0.25, longest: 5 } } = options;
  const paces = typeof pause === "function" ? pause : () => pause;
  let { wake } = options;
  const end = performance.now() + limitSeconds * 1000;
  let troubleEnd: number | undefined;
  for (let seconds = paces().first; ; seconds = Math.min(seconds * 1.5, paces().longest)) {
    signal?.throwIfAborted();
    try {
      const found = await look();
      if (found !== undefined) return found;
      troubleEnd = undefined;
    } catch (error) {
      if (!mayPass(error)) throw error;
      troubleEnd ??= performance.now() + longestTrouble * 1000;
      if (performance.now() > Math.min(troubleEnd, end)) throw error;
      options.progress?.(`AWS is in trouble (${(error as Error).name}); trying again`);
    }
    const left = end - performance.now();
    if (left <= 0) return undefined;
    // A short pause is over soon by itself, and looks at once would only come before there is something to see.
    const isLong = seconds >= 1;
    await pauseFor(Math.min(seconds * 1000, left), signal, isLong ? wake : undefined);
    if (!wake?.aborted) continue;
    wake = undefined;
    if (isLong) seconds = paces().first / 1.5;
  }
}

/** Rejects with the signal's own reason, which may be a `Failure`, as soon as it aborts; `wake` ends the pause early. */
export async function pauseFor(
  milliseconds: number,
  signal: AbortSignal | undefined,
  wake?: AbortSignal,
): Promise<void> {
  const ends = [signal, wake].filter((each) => each !== undefined);
  const pausing = () => sleep(milliseconds, undefined, { signal: AbortSignal.any(ends) });
  await during({ kind: "wait", name: "before another look" }, pausing).catch((error) => {
    signal?.throwIfAborted();
    if (!wake?.aborted) throw error;
  });
}

/** Whether a call that failed so may go well later: AWS throttles, has a fault of its own, or is out of reach. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof Error) || !("$metadata" in error)) return false;
  const ofSdk = error as Parameters<typeof isThrottlingError>[0];
  return isThrottlingError(ofSdk) || isTransientError(ofSdk) || isServerError(ofSdk);
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
 * Sends again while AWS refuses with one of `codes`, or in the way that a function tells: a thing just created that not
 * every part of AWS knows yet, or one just released that something still holds. `waiting` hears of each refusal. After
 * the limit a `Failure` (exit code 3) tells the last. What the first attempt meets otherwise is thrown at once.
 */
export async function whileRefused<T>(
  send: () => Promise<T>,
  codes: readonly string[] | ((error: Error) => boolean),
  options: WaitOptions & { waiting?: (error: Error) => void },
): Promise<T> {
  const refuses = typeof codes === "function" ? codes : (error: Error) => codes.includes(errorCode(error));
  let last: Error | undefined;
  const attempt = async () => {
    try {
      return { value: await send() };
    } catch (error) {
      if (!(error instanceof Error) || !refuses(error)) throw error;
      last = error;
      options.waiting?.(error);
      return undefined;
    }
  };
  options.signal?.throwIfAborted();
  const { pause = { first: 0.25 }, signal } = options;
  const { first } = typeof pause === "function" ? pause() : pause;
  const answer = (await attempt()) ?? (await pauseFor(first * 1000, signal).then(() => waitFor(attempt, options)));
  if (answer) return answer.value;
  throw new Failure({
    code: "still-under-way",
    message: `AWS still refuses ${(last as AwsError | undefined)?.awsAction ?? "this"} after ${Math.round(options.limitSeconds / 60)} minutes.`,
    reason: last && `${last.name}: ${last.message}`,
    fix: `Go on with: ${sameCommand}`,
    exitCode: 3,
    cause: last,
  });
}
