import { type LaunchTemplateVersion, paginateDescribeLaunchTemplateVersions } from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { orMissing } from "./wait.ts";

export interface TemplateVersion {
  /** A number, as a group names it. */
  version: string;
  imageId: string;
  /** ISO 8601. */
  created: string;
}

/** All versions of a launch template, newest first; none when the template is not there. */
export async function readVersions({ ec2 }: Aws, templateId: string): Promise<TemplateVersion[]> {
  const read = async () => {
    const found: LaunchTemplateVersion[] = [];
    const pages = paginateDescribeLaunchTemplateVersions({ client: ec2 }, { LaunchTemplateId: templateId });
    for await (const page of pages) found.push(...(page.LaunchTemplateVersions ?? []));
    return found;
  };
  const versions = (await orMissing(read(), "InvalidLaunchTemplateId.NotFound")) ?? [];
  return versions
    .sort((a, b) => (b.VersionNumber ?? 0) - (a.VersionNumber ?? 0))
    .map(({ VersionNumber, LaunchTemplateData, CreateTime }) => ({
      version: `${VersionNumber}`,
      imageId: LaunchTemplateData?.ImageId ?? "",
      created: CreateTime?.toISOString() ?? "",
    }));
}
