import { z } from "zod";
import { fileSchema } from "./schema.ts";

interface Schema {
  properties?: Record<string, Schema>;
  required?: string[];
}

/** The JSON schema (draft 2020-12) that editors check a config file against. */
export function jsonSchema(): object {
  const schema = z.toJSONSchema(fileSchema, { io: "input", unrepresentable: "any" }) as Schema;
  return {
    title: "multivac config",
    ...withoutRequired(schema),
    required: ["name"],
    // What is required may be given by each environment in place of the rest of the file.
    if: { not: { required: ["environments"] } },
    // biome-ignore lint/suspicious/noThenProperty: JSON schema's own word
    then: whatIsRequired(schema),
  };
}

/** The keys that a document without environments must have, at every level. */
function whatIsRequired({ required = [], properties = {} }: Schema): Schema {
  const below = Object.entries(properties)
    .map(([key, schema]): [string, Schema] => [key, whatIsRequired(schema)])
    .filter(([, schema]) => Object.keys(schema).length > 0);
  return {
    ...(required.length ? { required } : {}),
    ...(below.length ? { properties: Object.fromEntries(below) } : {}),
  };
}

function withoutRequired({ required: _, ...schema }: Schema): Schema {
  if (!schema.properties) return schema;
  const properties = Object.entries(schema.properties).map(([key, each]) => [key, withoutRequired(each)]);
  return { ...schema, properties: Object.fromEntries(properties) };
}
