import { jsonSchema } from "../config/json-schema.ts";
import type { Outcome } from "../output/document.ts";

/** The JSON schema of the config. */
export async function schema(): Promise<Outcome> {
  return { exitCode: 0, document: jsonSchema(), text: "", standalone: true };
}
