import { readFileSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../command-line.ts";

/** The page of what `--json` prints: the types that commands are checked against, as they stand in the source. */
export function jsonPage(): string {
  const source = readFileSync(path.join(packageRoot, "src/documents.ts"), "utf8");
  // Its first comment is about the file; the page has words of its own.
  const types = source.slice(source.indexOf("*/") + 2).trim();
  return `${[
    "# JSON",
    "",
    "<!-- Written by `npm run docs` from src/documents.ts: change it there. -->",
    "",
    "With `--json` stdout is exactly one JSON document, also when a command fails. It begins with `version`, which is 1, and",
    "is one of the types below, by its command in `Documents`. A failure alone is `{ version, error }`; with exit codes 3 and 4,",
    "and 1 of `doctor` and `abort`, the result and `error` may come together: [errors.md](errors.md). `logs --follow` and `status --watch` print one document a",
    "line. `policy` and `schema` print documents that are not multivac's own, an IAM policy and a JSON schema; `--version` prints a",
    "`VersionDocument`, and `--help` is text.",
    "",
    "A TypeScript program gets the same types from the package:",
    "",
    "```ts",
    'import type { Config, Printed } from "multivac/types";',
    'const { url, release } = JSON.parse(stdout) as Extract<Printed<"deploy">, { url: string }>;',
    "```",
    "",
    "## The types",
    "",
    "```ts",
    types,
    "```",
  ].join("\n")}\n`;
}
