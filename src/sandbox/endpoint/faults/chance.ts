import { createHash } from "node:crypto";

/**
 * A number from 0 up to 1 that depends on the seed and the words alone. There is no sequence: calls made side by side
 * come in another order each time, so that each draw is named by what it is for, like an action and which call of it.
 */
export function chance(seed: number, ...words: (string | number)[]): number {
  const digest = createHash("sha256").update([seed, ...words].join("\n"));
  return digest.digest().readUInt32BE(0) / 2 ** 32;
}

/** One of the items, drawn as `chance` does. */
export function draw<Item>(items: readonly Item[], seed: number, ...words: (string | number)[]): Item | undefined {
  return items[Math.floor(chance(seed, ...words) * items.length)];
}
