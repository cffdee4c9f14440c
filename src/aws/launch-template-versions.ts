import { isDeepStrictEqual } from "node:util";
import {
  DeleteLaunchTemplateVersionsCommand,
  type LaunchTemplateVersion,
  ModifyLaunchTemplateCommand,
  paginateDescribeLaunchTemplateVersions,
  type ResponseLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { orMissing } from "./wait.ts";

export interface TemplateVersion {
  /** A number, as a group names it. */
  version: string;
  imageId: string;
  /** ISO 8601. */
  created: string;
  /** The ARN of who made it, where EC2 tells. */
  createdBy?: string | undefined;
  /** The version that whoever names none gets; it cannot be deleted. */
  isDefault: boolean;
  data: ResponseLaunchTemplateData;
}

/** All versions of a launch template, newest first; none when the template is not there. */
export async function readVersions({ ec2 }: Aws, templateName: string): Promise<TemplateVersion[]> {
  const read = async () => {
    const found: LaunchTemplateVersion[] = [];
    const pages = paginateDescribeLaunchTemplateVersions({ client: ec2 }, { LaunchTemplateName: templateName });
    for await (const page of pages) found.push(...(page.LaunchTemplateVersions ?? []));
    return found;
  };
  const missing = ["InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound"];
  const versions = (await orMissing(read(), ...missing)) ?? [];
  return versions
    .sort((a, b) => (b.VersionNumber ?? 0) - (a.VersionNumber ?? 0))
    .map(({ VersionNumber, LaunchTemplateData = {}, CreateTime, CreatedBy, DefaultVersion = false }) => ({
      version: `${VersionNumber}`,
      imageId: LaunchTemplateData.ImageId ?? "",
      created: CreateTime?.toISOString() ?? "",
      createdBy: CreatedBy,
      isDefault: DefaultVersion,
      data: LaunchTemplateData,
    }));
}

/**
 * The first version whose instances are the same as those of `version` but for their tags: instances of versions with
 * the same first one need not be replaced by each other.
 */
export function firstAlike(versions: readonly TemplateVersion[], version: string): string {
  const own = versions.find((each) => isVersion(each, version, versions));
  if (!own) return version;
  const alike = versions.filter(({ data }) => isDeepStrictEqual(withoutTags(data), withoutTags(own.data)));
  return alike.at(-1)?.version ?? version;
}

/** `$Latest` and `$Default` are what a group may name in a number's place. */
function isVersion(each: TemplateVersion, named: string, versions: readonly TemplateVersion[]): boolean {
  if (named === "$Latest") return each === versions[0];
  return named === "$Default" ? each.isDefault : each.version === named;
}

/** Without how far EC2 is with applying the metadata options either, which is no setting. */
function withoutTags({ TagSpecifications: _, MetadataOptions, ...data }: ResponseLaunchTemplateData) {
  const { State: __, ...metadata } = MetadataOptions ?? {};
  return { ...data, metadata };
}

/** How many versions a call deletes at most (EC2 API reference, DeleteLaunchTemplateVersions). */
const perCall = 200;

/**
 * Deletes versions before the current one that nothing runs on and nothing can be rolled back to: those of an image
 * that goes, and those whose image a newer version has too.
 */
export async function pruneVersions(
  aws: Aws,
  { id: LaunchTemplateId, name }: { id: string; name: string },
  { current, used, goes }: { current: string; used: ReadonlySet<string | undefined>; goes: readonly string[] },
): Promise<void> {
  const { ec2 } = aws;
  const versions = await readVersions(aws, name);
  const newestOf = (imageId: string) => versions.find((each) => each.imageId === imageId)?.version;
  const doomed = versions.filter(
    ({ version, imageId }) =>
      Number(version) < Number(current) &&
      !used.has(version) &&
      (goes.includes(imageId) || newestOf(imageId) !== version),
  );
  // The default cannot be deleted.
  if (doomed.some(({ isDefault }) => isDefault))
    await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: current }));
  for (let from = 0; from < doomed.length; from += perCall) {
    const Versions = doomed.slice(from, from + perCall).map(({ version }) => version);
    await ec2.send(new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions }));
  }
}
