import type { EC2Client } from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import type { MotoRead } from "../moto-read.ts";
import { parametersOf } from "../parameters.ts";
import { type Element, elements, text } from "../xml.ts";
import type { DeletedVersions } from "./deleted-versions.ts";
import { type FilterFields, filtered } from "./filters.ts";
import { readTemplate } from "./launch-template-data.ts";
import { only, page } from "./pages.ts";

interface LaunchTemplatesParts {
  ec2: EC2Client;
  motoRead: MotoRead;
  deletedVersions: DeletedVersions;
}

/** More than any account has, so that moto leaves nothing out. */
const everything = { MaxResults: "100000" };

/** Launch templates: their names' limits, AWS's pages, tags that change, and versions that can be deleted. */
export function launchTemplates({ ec2, motoRead, deletedVersions }: LaunchTemplatesParts): Handler[] {
  function latestOf(templateId: string, numbered: number): number {
    let latest = numbered;
    while (latest > 1 && deletedVersions.has(templateId, latest)) latest -= 1;
    return latest;
  }

  return [
    {
      service: "ec2",
      action: "CreateLaunchTemplate",
      before(call) {
        const name = parametersOf(call).text("LaunchTemplateName");
        if (/^[a-zA-Z0-9()./_-]{3,128}$/.test(name)) return;
        throw new AwsError(
          "InvalidLaunchTemplateName.MalformedException",
          "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.",
        );
      },
    },
    {
      service: "ec2",
      action: ["CreateLaunchTemplateVersion", "ModifyLaunchTemplate", "DeleteLaunchTemplate"],
      async before(call) {
        const parameters = parametersOf(call);
        const [id, name] = [parameters.optional("LaunchTemplateId"), parameters.optional("LaunchTemplateName")];
        await readTemplate(ec2, { id, name });
      },
    },
    {
      service: "ec2",
      action: "DescribeLaunchTemplates",
      async instead(call) {
        const form = call.form as URLSearchParams;
        const parameters = parametersOf(call);
        const asked = only(form, ["LaunchTemplateId", "LaunchTemplateName"]);
        for (const id of parameters.list("LaunchTemplateId")) await readTemplate(ec2, { id });
        for (const name of parameters.list("LaunchTemplateName")) await readTemplate(ec2, { name });
        const result = await motoRead("ec2", "DescribeLaunchTemplates", { ...asked, ...everything });
        const found = elements(result.launchTemplates);
        const tags = found.length > 0 ? elements((await motoRead("ec2", "DescribeTags", tagsOf(found))).tagSet) : [];
        for (const one of found) {
          one.tagSet = tags
            .filter(({ resourceId }) => text(resourceId) === text(one.launchTemplateId))
            .map(({ key, value }) => ({ key, value }));
          one.latestVersionNumber = latestOf(text(one.launchTemplateId), Number(one.latestVersionNumber));
        }
        const limits = { least: 1, most: 200 };
        const { items, nextToken } = page(filtered(found, parameters, fields), parameters, limits);
        return { launchTemplates: items, nextToken };
      },
    },
    {
      service: "ec2",
      action: "DescribeLaunchTemplateVersions",
      async instead(call) {
        const form = call.form as URLSearchParams;
        const parameters = parametersOf(call);
        const asked = only(form, ["LaunchTemplateId", "LaunchTemplateName", "MinVersion", "MaxVersion"]);
        const wanted = parameters.list("LaunchTemplateVersion");
        const ofAll = asked.LaunchTemplateId === undefined && asked.LaunchTemplateName === undefined;
        const named = ofAll ? only(form, ["LaunchTemplateVersion"]) : {};
        const result = await motoRead("ec2", "DescribeLaunchTemplateVersions", { ...asked, ...named, ...everything });
        const found = elements(result.launchTemplateVersionSet)
          .filter((one) => !deletedVersions.has(text(one.launchTemplateId), Number(one.versionNumber)))
          .map(withoutTemplateTags);
        const chosen = ofAll || wanted.length === 0 ? found : chooseVersions(found, wanted, asked);
        const limits = { least: 1, most: 200 };
        const { items, nextToken } = page(chosen, parameters, limits);
        return { launchTemplateVersionSet: items, nextToken };
      },
    },
    {
      service: "ec2",
      action: "DeleteLaunchTemplateVersions",
      async instead(call) {
        const parameters = parametersOf(call);
        const { id, name } = await readTemplate(ec2, {
          id: parameters.optional("LaunchTemplateId"),
          name: parameters.optional("LaunchTemplateName"),
        });
        const result = await motoRead("ec2", "DescribeLaunchTemplateVersions", { LaunchTemplateId: id, ...everything });
        const live = elements(result.launchTemplateVersionSet);
        const outcomes = parameters.list("LaunchTemplateVersion").map((version) => {
          const described = { launchTemplateId: id, launchTemplateName: name, versionNumber: Number(version) };
          const error = refusalOf(live, id, version, deletedVersions);
          if (!error) deletedVersions.add(id, Number(version));
          return { described, error };
        });
        return {
          successfullyDeletedLaunchTemplateVersionSet: outcomes
            .filter(({ error }) => !error)
            .map(({ described }) => described),
          unsuccessfullyDeletedLaunchTemplateVersionSet: outcomes
            .filter(({ error }) => error)
            .map(({ described, error }) => ({ ...described, responseError: error })),
        };
      },
    },
  ];
}

function refusalOf(live: Element[], id: string, version: string, deleted: DeletedVersions): Element | undefined {
  const found = live.find(({ versionNumber }) => text(versionNumber) === version);
  if (!found || deleted.has(id, Number(version))) {
    return { code: "launchTemplateVersionDoesNotExist", message: `Version ${version} of ${id} does not exist.` };
  }
  if (text(found.defaultVersion) !== "true") return undefined;
  return {
    code: "unexpectedError",
    message: "Cannot delete the default version of a launch template; make another version the default first.",
  };
}

function chooseVersions(found: Element[], wanted: string[], asked: Record<string, string>): Element[] {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = asked;
  const numbers = found.map(({ versionNumber }) => Number(versionNumber));
  return wanted.map((version) => {
    const one = found.find(({ versionNumber, defaultVersion }) => {
      if (version === "$Default") return text(defaultVersion) === "true";
      return Number(versionNumber) === (version === "$Latest" ? Math.max(...numbers) : Number(version));
    });
    if (one) return one;
    throw new AwsError(
      "InvalidLaunchTemplateId.VersionNotFound",
      `Could not find the specified version ${version} for the launch template with ${id ? `ID ${id}` : `name ${name}`}.`,
    );
  });
}

/** Asks for the tags as they are now: moto describes a template with those it was created with. */
function tagsOf(templates: Element[]): Record<string, string> {
  const values = templates.map((one, index) => [`Filter.1.Value.${index + 1}`, text(one.launchTemplateId)]);
  return { "Filter.1.Name": "resource-id", ...Object.fromEntries(values) };
}

/** moto mixes the template's own tags into its data. */
function withoutTemplateTags(version: Element): Element {
  const data = version.launchTemplateData as Element | undefined;
  if (data?.tagSpecificationSet === undefined) return version;
  const kept = elements(data.tagSpecificationSet).filter(
    ({ resourceType }) => text(resourceType) !== "launch-template",
  );
  data.tagSpecificationSet = kept.length > 0 ? kept : undefined;
  return version;
}

const fields: FilterFields = {
  "create-time": ({ createTime }) => [text(createTime)],
  "launch-template-name": ({ launchTemplateName }) => [text(launchTemplateName)],
};
