import type { ErrorDocument } from "../documents.ts";
import type { Failure } from "../failure.ts";

/** What a command ends with: the same facts for people and for scripts. */
export interface Outcome<Document extends object = object> {
  exitCode: number;
  /** The JSON document without `version`. */
  document: Document;
  /** The document is printed for people too, and without `version`: it is of a format of its own. */
  standalone?: boolean;
  /** Lines for a person, on stdout. */
  text: string;
  /** The lines are a program's: no terminal is so narrow that they are broken for it. */
  verbatim?: boolean;
  /** What went wrong, where there is a result all the same (exit codes 3 and 4). */
  failure?: Failure;
}

/** A failure as the contract's JSON has it. */
export function errorDocument(failure: Failure): ErrorDocument {
  const { code, message, reason, fix, action, requestId } = failure;
  return {
    code,
    message,
    ...(reason ? { cause: reason } : {}),
    ...(fix ? { fix } : {}),
    ...(action ? { action } : {}),
    ...(requestId ? { requestId } : {}),
  };
}
