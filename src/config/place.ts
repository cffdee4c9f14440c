/** Where in a document something is: keys of objects and indexes of lists, from the outermost in. */
export type Place = readonly (string | number)[];

/** A place in dots and brackets: `network.subnetIds[1]`. */
export function format(path: Place): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (!/^[\w$-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
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
