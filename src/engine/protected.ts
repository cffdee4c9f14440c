import { Failure } from "../failure.ts";
import type { AnyResource, Live } from "./resource.ts";

/** Throws when one of these must be neither deleted nor replaced, before anything is changed. */
export function refuseProtected(doomed: readonly { resource: AnyResource; live: Live }[]): void {
  const kept = doomed.find(({ resource, live }) => resource.isProtected?.(live));
  if (!kept) return;
  throw new Failure({
    code: "deletion-protected",
    message: `The ${kept.resource.kind} ${kept.live.name ?? kept.live.id} is protected against deletion.`,
    reason: "deletionProtection refuses destroy and replacement. Nothing was changed.",
    fix: "Set deletionProtection to false in the config and deploy, then run this again.",
  });
}
