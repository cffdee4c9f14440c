import type { Failure } from "../failure.ts";
import type { Paint } from "./paint.ts";

/** A failure as a person reads it: what, why, and what to do. */
export function failureText(failure: Failure, paint: Paint): string {
  const { message, reason, fix, action, requestId, code } = failure;
  const request = [action, requestId && `request ${requestId}`].filter(Boolean).join(", ");
  return [
    `${paint.red("✖")} ${paint.bold(message)}`,
    ...(reason ? reason.split("\n").map((line) => `  ${line}`) : []),
    ...(request ? [paint.dim(`  ${request}`)] : []),
    ...(fix
      ? fix.split("\n").map((line, index) => `${index ? "   " : paint.cyan("→")} ${line}`.replace(/^ {3}/, "  "))
      : []),
    paint.dim(`  (${code})`),
  ].join("\n");
}
