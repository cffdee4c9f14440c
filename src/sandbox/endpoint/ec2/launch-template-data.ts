import {
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type EC2Client,
  type ResponseLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";

/** A launch template as calls name it: by id or by name, with a version that may be `$Latest` or `$Default`. */
export interface TemplateReference {
  id?: string | undefined;
  name?: string | undefined;
  version?: string | undefined;
}

export interface TemplateVersion {
  id: string;
  name: string;
  version: number;
  data: ResponseLaunchTemplateData;
}

/** Reads the version that a reference means now. */
export async function readTemplateVersion(
  ec2: EC2Client,
  { id, name, version = "$Default" }: TemplateReference,
  isDeletedVersion: (templateId: string, version: number) => boolean,
): Promise<TemplateVersion> {
  const template = await readTemplate(ec2, { id, name });
  const { LaunchTemplateVersions = [] } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: template.id, MaxResults: 10_000 }),
  );
  const versions = LaunchTemplateVersions.filter(
    ({ VersionNumber }) => !isDeletedVersion(template.id, VersionNumber ?? 0),
  );
  const latest = Math.max(...versions.map(({ VersionNumber }) => VersionNumber ?? 0));
  const found = versions.find(({ VersionNumber, DefaultVersion }) => {
    if (version === "$Default") return DefaultVersion;
    return version === "$Latest" ? VersionNumber === latest : String(VersionNumber) === version;
  });
  if (!found?.LaunchTemplateData) {
    throw new AwsError(
      "InvalidLaunchTemplateId.VersionNotFound",
      `Could not find the specified version ${version} for the launch template with ID ${template.id}.`,
    );
  }
  return { ...template, version: found.VersionNumber ?? 0, data: found.LaunchTemplateData };
}

/** Reads which launch template is meant; refuses as EC2 does when there is none. */
export async function readTemplate(
  ec2: EC2Client,
  { id, name }: TemplateReference,
): Promise<{ id: string; name: string }> {
  const { LaunchTemplates = [] } = await ec2.send(
    new DescribeLaunchTemplatesCommand({ Filters: [], MaxResults: 10_000 } as { MaxResults: number }),
  );
  const found = LaunchTemplates.find((template) =>
    id ? template.LaunchTemplateId === id : template.LaunchTemplateName === name,
  );
  if (found) return { id: found.LaunchTemplateId ?? "", name: found.LaunchTemplateName ?? "" };
  if (id) {
    throw new AwsError(
      "InvalidLaunchTemplateId.NotFound",
      `The specified launch template, with template ID ${id}, does not exist.`,
    );
  }
  throw new AwsError(
    "InvalidLaunchTemplateName.NotFoundException",
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}
