import { isDeepStrictEqual } from "node:util";
import type { TemplateVersion } from "../aws/launch-template-versions.ts";
import { readTags } from "../aws/tags.ts";
import type { StackEvent } from "../documents.ts";

/** The release that a launch template version gives its instances; else the image it names. */
export function releaseOf({ data, imageId }: TemplateVersion): string {
  const tags = data.TagSpecifications?.find(({ ResourceType }) => ResourceType === "instance")?.Tags;
  return readTags(tags)["multivac:release"] ?? imageId;
}

/**
 * Deploys and rollbacks: the launch template versions there are, newest first, of which each brought a release or other
 * settings. `made` tells when images were made, of those that are known: to take an older one again is a rollback.
 * Versions that no rollback needs any more are deleted, so that the one before may not be told.
 */
export function deploys(versions: readonly TemplateVersion[], made: ReadonlyMap<string, string>): StackEvent[] {
  return versions.map((version, index) => {
    const next = versions[index + 1];
    const before = next && Number(next.version) === Number(version.version) - 1 ? next : undefined;
    const back = before !== undefined && isOlder(version.imageId, before.imageId, made);
    return {
      time: version.created,
      kind: back ? "rollback" : "deploy",
      what: `${back ? "rolled back" : "deployed"} as launch template version ${version.version}`,
      id: version.version,
      release: releaseOf(version),
      cause: before && causeOf(before, version),
      by: version.createdBy,
    };
  });
}

function isOlder(imageId: string, than: string, made: ReadonlyMap<string, string>): boolean {
  const [own, other] = [made.get(imageId), made.get(than)];
  return own !== undefined && other !== undefined && own < other;
}

function causeOf(before: TemplateVersion, version: TemplateVersion): string {
  const same = before.imageId === version.imageId;
  return same ? `other ${changes(before, version).join(", ")}` : `after ${releaseOf(before)}`;
}

/** What differs between two versions, in EC2's words. */
function changes({ data: one }: TemplateVersion, { data: other }: TemplateVersion): string[] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])] as (keyof typeof one)[];
  return names.filter((name) => !isDeepStrictEqual(one[name], other[name])).sort();
}
