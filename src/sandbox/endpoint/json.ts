import { AwsError } from "./aws-error.ts";
import type { Call } from "./call.ts";

/** The document that a call of the JSON protocol carries. */
export function documentOf<T extends object>({ body }: Call): T {
  try {
    return JSON.parse(body.toString("utf8") || "{}") as T;
  } catch {
    throw new AwsError("SerializationException", "The request's body is no JSON.");
  }
}
