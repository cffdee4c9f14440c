/** Where in a document something is: keys of objects and indexes of lists, from the outermost in. */
export type Place = readonly (string | number)[];

/** A place in dots and brackets: `network.subnetIds[1]`. */
export function format(path: Place): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (!/^[\w$-]+$/.test(key)) return `${text}[${jsonText(key)}]`;
    return text ? `${text}.${key}` : key;
  }, "");
}

/** What a document has there; undefined where it has nothing. */
export function valueAt(raw: unknown, path: Place): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    raw,
  );
}

/** A value as JSON; what would turn the direction of the text around it is escaped (Unicode Standard Annex 9). */
export function jsonText(value: unknown): string {
  const escaped = (mark: string) => `\\u${mark.charCodeAt(0).toString(16)}`;
  return (JSON.stringify(value) ?? "").replace(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, escaped);
}
