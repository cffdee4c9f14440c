import { Failure } from "../failure.ts";
import type { AnyResource, Live } from "./resource.ts";

export interface Protected {
  resource: AnyResource;
  live: Live;
}

/** Those that somebody has set something against the deletion of. */
export function protectedAmong(doomed: readonly Protected[]): Protected[] {
  return doomed.filter(({ resource, live }) => protectionsOf(resource, live).length > 0);
}

export function protectionsOf(resource: AnyResource, live: Live): readonly string[] {
  return resource.protections?.(live) ?? [];
}

/**
 * Throws when one of these must be neither deleted nor replaced, or when there are `more` lines that say so, before
 * anything is changed; all are named.
 */
export function refuseProtected(doomed: readonly Protected[], fix: string, more: readonly string[] = []): void {
  const found = protectedAmong(doomed).map(
    ({ resource, live }) => `${resource.kind} ${live.name ?? live.id}: ${protectionsOf(resource, live).join(", ")}`,
  );
  const lines = [...more, ...found];
  if (lines.length === 0) return;
  throw new Failure({
    code: "deletion-protected",
    message: "Something is protected against deletion. Nothing was changed.",
    reason: [...new Set(lines)].join("\n"),
    fix,
  });
}
