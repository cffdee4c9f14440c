/** An id as a person reads it: an ARN without the parts that are the same for everything in a stack. */
export function shortId(id: string): string {
  return id.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, "");
}
