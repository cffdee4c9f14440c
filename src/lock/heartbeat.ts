import { setTimeout as sleep } from "node:timers/promises";

/** Seconds from one heartbeat of a holder to the next, and how long one may take. */
export const heartbeatSeconds = 10;
const limitSeconds = 5;

/** For how long a heartbeat may stay the same before others take its holder for dead, in seconds. */
export const deadSeconds = 90;

/** For how long a holder may be without a good heartbeat before it stops by itself: it has stopped when others come. */
export const stopSeconds = 75;

interface Beating {
  /** Tells everybody that the holder lives. */
  beat(now: Date, signal: AbortSignal): Promise<void>;
  /** Looks, after a beat that failed so, whether the lock is the holder's still; resolves with why not. */
  lostBy(failed: unknown, signal: AbortSignal): Promise<Error | undefined>;
  /** Why the holder stops that could tell nobody that it lives. */
  silent(): Error;
  /** Told of each beat that failed. */
  missed(error: Error): void;
}

/** The wall clock, which goes on while the machine sleeps, and a pause. */
interface Clock {
  now(): number;
  pause(signal: AbortSignal): Promise<void>;
}

const wallClock: Clock = {
  now: Date.now,
  // Its timer alone keeps no process alive.
  pause: (signal) => sleep(1000, undefined, { signal, ref: false }).catch(() => undefined),
};

/**
 * Beats on a fixed timer until `done`; no beat that hangs keeps the next one off. Resolves with why the holder has to stop
 * when the lock is somebody else's, or when for `stopSeconds` no beat was good, be it that the machine slept.
 */
export async function keepBeating(
  { beat, lostBy, silent, missed }: Beating,
  done: AbortSignal,
  clock: Clock = wallClock,
): Promise<Error | undefined> {
  let good = clock.now();
  let due = good + heartbeatSeconds * 1000;
  let lost: Error | undefined;
  const attempt = async (now: number) => {
    try {
      await inTime((signal) => beat(new Date(now), signal), done);
      good = Math.max(good, now);
    } catch (error) {
      if (done.aborted) return;
      missed(error as Error);
      lost ??= await inTime((signal) => lostBy(error, signal), done).catch(() => undefined);
    }
  };
  for (;;) {
    await clock.pause(done);
    if (done.aborted) return undefined;
    const now = clock.now();
    if (now - good >= stopSeconds * 1000) return silent();
    if (lost) return lost;
    if (now < due) continue;
    due = now + heartbeatSeconds * 1000;
    void attempt(now);
  }
}

/** The SDK pauses between its attempts whatever the signal says: who waits here does not wait for that. */
async function inTime<T>(work: (signal: AbortSignal) => Promise<T>, done: AbortSignal): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error(`no answer within ${limitSeconds} seconds`)),
    limitSeconds * 1000,
  );
  timer.unref();
  const end = () => late.abort(done.reason);
  done.addEventListener("abort", end, { once: true });
  const over = new Promise<never>((_, reject) => {
    late.signal.addEventListener("abort", () => reject(late.signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(late.signal), over]);
  } finally {
    clearTimeout(timer);
    done.removeEventListener("abort", end);
  }
}
