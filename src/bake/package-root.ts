import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A path in the installed package; the same from `src/` under tsx and from `dist/`, whose files the bundler names. */
export function packagePath(relative: string): string {
  root ??= packageRoot(new URL("./", import.meta.url));
  return fileURLToPath(new URL(relative, root));
}

let root: URL | undefined;

function packageRoot(folder: URL): URL {
  return existsSync(new URL("package.json", folder)) ? folder : packageRoot(new URL("../", folder));
}
