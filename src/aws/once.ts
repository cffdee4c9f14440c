import type { Aws } from "./aws.ts";

const known = new WeakMap<Aws, Map<string, Promise<unknown>>>();

/** Reads once in a run what does not change in it, however often it is asked for by its key; a failure is not kept. */
export function once<T>(aws: Aws, key: string, read: () => Promise<T>): Promise<T> {
  const answers = known.get(aws) ?? new Map<string, Promise<unknown>>();
  known.set(aws, answers);
  const kept = answers.get(key);
  if (kept) return kept as Promise<T>;
  const reading = read();
  answers.set(key, reading);
  reading.catch(() => answers.delete(key));
  return reading;
}
