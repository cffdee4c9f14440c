import type { Place } from "./place.ts";

/**
 * The places where an object of a JSON text has a key again, once for each repetition. `JSON.parse` takes the last
 * value and says nothing. The text must be one that it takes.
 */
export function repeatedKeys(text: string): Place[] {
  const repeated: Place[] = [];
  const open: { keys: Set<string>; at: string | number }[] = [];
  // Strings, those before a colon being keys, and what opens, closes and divides; all else is values.
  for (const [token, string, colon] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[[\]{},]/g)) {
    const inside = open.at(-1);
    if (token === "{") open.push({ keys: new Set(), at: "" });
    else if (token === "[") open.push({ keys: new Set(), at: 0 });
    else if (token === "}" || token === "]") open.pop();
    else if (token === "," && typeof inside?.at === "number") inside.at += 1;
    else if (string && colon && inside) {
      const key: string = JSON.parse(string);
      inside.at = key;
      if (inside.keys.has(key)) repeated.push(open.map(({ at }) => at));
      inside.keys.add(key);
    }
  }
  return repeated;
}
