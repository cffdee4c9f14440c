import { fileURLToPath } from "node:url";

/** A path in the installed package; the same from `src/` under tsx and from `dist/`. */
export function packagePath(relative: string): string {
  return fileURLToPath(new URL(`../../${relative}`, import.meta.url));
}
