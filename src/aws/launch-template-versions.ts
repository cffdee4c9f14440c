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
    .map(({ VersionNumber, LaunchTemplateData = {}, CreateTime, DefaultVersion = false }) => ({
      version: `${VersionNumber}`,
      imageId: LaunchTemplateData.ImageId ?? "",
      created: CreateTime?.toISOString() ?? "",
      isDefault: DefaultVersion,
      data: LaunchTemplateData,
    }));
}

/**
 * The first version whose instances are the same as those of `version` but for their tags: instances of versions with
 * the same first one need not be replaced by each other.
 */
export function firstAlike(versions: readonly TemplateVersion[], version: string): string {
  const own = versions.find((each) => each.version === version);
  if (!own) return version;
  const alike = versions.filter(({ data }) => isDeepStrictEqual(withoutTags(data), withoutTags(own.data)));
  return alike.at(-1)?.version ?? version;
}

function withoutTags({ TagSpecifications: _, ...data }: ResponseLaunchTemplateData) {
  return data;
}

/** How many versions a call deletes at most (EC2 API reference, DeleteLaunchTemplateVersions). */
const perCall = 200;

/** Deletes versions of a template. Should the default be among them, `newDefault` becomes it before. */
export async function deleteVersions(
  { ec2 }: Aws,
  LaunchTemplateId: string,
  doomed: readonly TemplateVersion[],
  newDefault: string,
): Promise<void> {
  if (doomed.some(({ isDefault }) => isDefault))
    await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: newDefault }));
  for (let from = 0; from < doomed.length; from += perCall) {
    const Versions = doomed.slice(from, from + perCall).map(({ version }) => version);
    await ec2.send(new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions }));
  }
}
