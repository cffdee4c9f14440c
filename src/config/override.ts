import { z } from "zod";

/** What remains of a value in an override: each key of each object may be left out, and then says nothing. */
export type Override<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? string extends keyof T
      ? T
      : { [K in keyof T]?: Override<T[K]> | undefined }
    : T;

/**
 * The schema of an override of what `schema` takes: objects keep their keys, and each may be left out, without a
 * default; lists and single values, and objects that may have any key, stay as they are.
 */
export function overrideOf<T extends z.ZodType>(schema: T): z.ZodType<Override<z.input<T>>, Override<z.input<T>>> {
  return partial(schema) as z.ZodType<Override<z.input<T>>, Override<z.input<T>>>;
}

function partial(schema: z.ZodType): z.ZodType {
  const { description } = schema;
  const made = bare(schema);
  return description && description !== made.description ? made.describe(description) : made;
}

function bare(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return partial(schema.def.innerType as z.ZodType);
  if (schema instanceof z.ZodNullable) return partial(schema.def.innerType as z.ZodType).nullable();
  if (!(schema instanceof z.ZodObject)) return schema;
  const shape = Object.entries(schema.def.shape as z.ZodRawShape);
  const keys = shape.map(([key, value]) => [key, partial(value as z.ZodType).optional()]);
  return schema.clone({ ...schema.def, shape: Object.fromEntries(keys) });
}
