import { z } from "zod";
import { problemsOfFile } from "./check.ts";
import { checkedEnvironment } from "./checked-name.ts";
import { documentOf, environmentsIn } from "./environments.ts";
import { readJson } from "./file.ts";
import { ConfigInvalid } from "./invalid.ts";
import type { Place } from "./place.ts";
import { repeatedProblems, schemaProblems } from "./problems.ts";
import { configSchema } from "./schema.ts";

/** What tells a stack in a config. All else in the file may be wrong: status and destroy work from tags. */
const stackSchema = z.object({
  ...configSchema.pick({ name: true, environment: true, region: true, accountId: true }).shape,
  deletionProtection: z.boolean().catch(false),
});

/**
 * Reads from a config the stack of the environment that is chosen, or of its own, and where that lives.
 * Throws a `Failure` when even that is not there or not valid.
 */
export async function loadStackName(
  file: string,
  environment: string | undefined,
): Promise<z.output<typeof stackSchema>> {
  const { document, repeated } = await readJson(file);
  const environments = environmentsIn(file, document, checkedEnvironment(environment));
  const { chosen } = environments;
  const whole = documentOf(document, chosen);
  const parsed = stackSchema.safeParse(whole);
  const found = parsed.success ? [] : schemaProblems(parsed.error, whole);
  const shape = overrideShape(chosen).safeParse(document);
  const problems = [
    ...repeatedProblems(repeated.filter((place) => tellsTheStack(place, chosen))),
    ...(shape.success ? [] : schemaProblems(shape.error, document)),
    ...problemsOfFile(document, environments, new Map([[chosen, found]])),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigInvalid(file, problems);
  return parsed.data;
}

/** A document in which the environment can be looked up. */
function overrideShape(environment: string) {
  const override = z.looseObject({}, { error: "an object" }).optional();
  const environments = z.object({ [environment]: override }, { error: "an object of environments" });
  return z.looseObject({ environments: environments.optional() }, { error: "an object" });
}

function tellsTheStack(place: Place, environment: string): boolean {
  const [first, name, key] = place;
  if (first !== "environments") return String(first) in stackSchema.shape;
  return name === undefined || (name === environment && (key === undefined || key in stackSchema.shape));
}
