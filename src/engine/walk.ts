import type { AnyResource } from "./resource.ts";

/**
 * Visits every resource once, as soon as all of `before(resource)` have succeeded, side by side where it can be.
 * A failure stops only what comes after it; all errors come back together, in an `AggregateError` when there are several.
 */
export async function walk(
  resources: readonly AnyResource[],
  before: (resource: AnyResource) => readonly AnyResource[],
  visit: (resource: AnyResource) => Promise<void>,
): Promise<void> {
  const visits = new Map<AnyResource, Promise<void>>();
  const start = (resource: AnyResource): Promise<void> => {
    const visiting = visits.get(resource) ?? Promise.all(before(resource).map(start)).then(() => visit(resource));
    visits.set(resource, visiting);
    return visiting;
  };

  const results = await Promise.allSettled(resources.map(start));
  const errors = [...new Set(results.flatMap((result) => (result.status === "rejected" ? [result.reason] : [])))];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} resources failed`);
  if (errors.length === 1) throw errors[0];
}

/** The graph turned round: what has to be gone before a resource can go; gently, what it outlives too. */
export function dependents(
  resources: readonly AnyResource[],
  { gently } = { gently: false },
): (resource: AnyResource) => readonly AnyResource[] {
  return (resource) =>
    resources.filter(
      (other) =>
        other.dependsOn.includes(resource) ||
        resource.deletedAfter?.includes(other) ||
        (gently && resource.outlives?.includes(other)),
    );
}
