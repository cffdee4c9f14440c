import { readFile } from "node:fs/promises";
import { packagePath } from "../bake/package-root.ts";
import type { CompletionDocument } from "../documents.ts";
import type { Outcome } from "../output/document.ts";
import type { CommonOptions, Context } from "../session.ts";

/** Prints a shell's script, which asks this program for what it completes. */
export async function completion(
  _context: Context,
  _options: CommonOptions,
  shell: string,
): Promise<Outcome<CompletionDocument>> {
  const script = await readFile(packagePath(`templates/completion/multivac.${shell}`), "utf8");
  return { exitCode: 0, document: { shell, script }, text: script.trimEnd(), verbatim: true };
}
