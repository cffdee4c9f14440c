/**
 * The TypeScript types of a config file, from its JSON schema: `Config`, and `Override` for what differs in an
 * environment. A config with environments may leave to them what is required.
 */
export function configTypes({ properties, required, then }) {
  const { environments, ...base } = properties;
  const override = environments.additionalProperties;
  const ofTheStack = pick(base, (key) => !(key in override.properties));
  const ofAll = pick(base, (key) => key in override.properties);
  return [
    "/** What differs in an environment. */",
    `export type Override = ${objectOf(override.properties)};\n`,
    `type Environments = { [environment: string]: Override };\n`,
    `type Stack = ${objectOf(ofTheStack, { required })};\n`,
    `type Whole = ${objectOf(ofAll, then)};\n`,
    "/** A config file. */",
    "export type Config = Stack &",
    "  ((Whole & { environments?: Environments }) | (Override & { environments: Environments }));",
    "export {};\n",
  ].join("\n");
}

function pick(properties, wanted) {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => wanted(key)));
}

/** An object's type. `needs` says which keys must be there, and the same of what is below. */
function objectOf(properties, needs = {}, indent = "") {
  const keys = Object.entries(properties).map(([key, schema]) => {
    const comment = [schema.description, defaultOf(schema)].filter(Boolean).join(". ");
    const said = comment ? `${indent}  /** ${comment}. */\n` : "";
    const mark = needs.required?.includes(key) ? "" : "?";
    return `${said}${indent}  ${key}${mark}: ${typeOf(schema, needs.properties?.[key], `${indent}  `)};\n`;
  });
  return `{\n${keys.join("")}${indent}}`;
}

function typeOf(schema, needs, indent) {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf) return schema.anyOf.map((each) => typeOf(each, needs, indent)).join(" | ");
  if (schema.type === "array") return `Array<${typeOf(schema.items, {}, indent)}>`;
  if (schema.type === "integer") return "number";
  if (["string", "number", "boolean", "null"].includes(schema.type)) return schema.type;
  if (schema.properties) return objectOf(schema.properties, { ...schema, ...needs }, indent);
  if (schema.additionalProperties) return `{ [key: string]: ${typeOf(schema.additionalProperties, {}, indent)} }`;
  throw new Error(`There is no TypeScript type yet for ${JSON.stringify(schema)}`);
}

function defaultOf(schema) {
  return schema.default === undefined || schema.properties ? "" : `Default: ${JSON.stringify(schema.default)}`;
}
