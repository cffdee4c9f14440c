import { listAppFiles } from "../app/files.ts";

/** What cannot be part of a release, beside what is excluded, as patterns that leave exactly that out, with a note on each. */
export async function unfit(
  folder: string,
  excluded: readonly string[],
): Promise<{ exclude: string[]; notes: string[] }> {
  const { refused } = await listAppFiles(folder, excluded);
  // A folder that is too large, or cannot be read, is told by the check of the config.
  const named = refused.filter(({ path }) => path !== ".");
  return {
    exclude: named.map(({ path }) => `/${literal(path)}`),
    notes: named.map(({ path, why }) => `app.exclude leaves out ${path}: ${why}.`),
  };
}

/** A path as a pattern of gitignore's that matches it alone (gitignore(5)). */
function literal(path: string): string {
  return path.replace(/[\\*?[\]]/g, "\\$&").replace(/ +$/, (spaces) => "\\ ".repeat(spaces.length));
}
