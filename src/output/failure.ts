import type { Failure } from "../failure.ts";
import { fit } from "./fit.ts";
import { linkToDocs } from "./hyperlink.ts";
import type { Paint } from "./paint.ts";

/** How the stream that failures go to shows text. */
export interface FailureLook {
  paint: Paint;
  columns: number;
  /** Whether the code leads to the page that tells of it. */
  links: boolean;
}

/** A failure as a person reads it: what, why, and what to do, no wider than the terminal. */
export function failureText(failure: Failure, { paint, columns, links }: FailureLook): string {
  const { message, reason, fix, action, requestId, code } = failure;
  const request = [action, requestId && `request ${requestId}`].filter(Boolean).join(", ");
  const text = [
    `${paint.red("✖")} ${paint.bold(message)}`,
    ...(reason ? reason.split("\n").map((line) => `  ${line}`) : []),
    ...(request ? [paint.dim(`  ${request}`)] : []),
    ...(fix ? fix.split("\n").map((line, index) => `${index ? " " : paint.cyan("→")} ${line}`) : []),
  ].join("\n");
  const about = links ? linkToDocs(`(${code})`, `docs/errors.md#${code}`) : `(${code})`;
  return `${fit(text, columns)}\n${paint.dim(`  ${about}`)}`;
}
