import type { ResponseLaunchTemplateData } from "@aws-sdk/client-ec2";
import type { Call } from "../call.ts";
import { fillTemplate } from "../ec2/template-parameters.ts";
import { type Parameters, parametersOf } from "../parameters.ts";
import type { Question } from "./evaluate.ts";
import { requestTags, resourceTags, specifiedTags, type Tags } from "./tags.ts";
import type { Things } from "./things.ts";

/** A launch as IAM looks at it, whoever makes it. */
export interface Launch {
  form: URLSearchParams;
  subnetIds: readonly string[];
  templateId: string | undefined;
  tags(type: string): Tags;
}

/** Types that a launch makes, and may tag. */
const made = ["instance", "volume", "network-interface"] as const;

/** The launch that a `RunInstances` call asks for, with what its launch template says. */
export async function launchOf(call: Call, things: Things): Promise<Launch> {
  const parameters = parametersOf(call);
  const reference = parameters.group("LaunchTemplate");
  const template = reference && (await things.template(templateReference(reference)));
  const interfaces = parameters.groups("NetworkInterface").flatMap((one) => one.optional("SubnetId") ?? []);
  const launch = filled(new URLSearchParams(call.form), template?.data);
  return {
    ...launch,
    subnetIds: [...(parameters.optional("SubnetId") ? [parameters.text("SubnetId")] : []), ...interfaces],
    templateId: template?.id,
  };
}

/** The launch that an Auto Scaling group would make of a template's version. */
export function launchOfTemplate(
  template: { id: string; data: ResponseLaunchTemplateData },
  subnetIds: readonly string[],
): Launch {
  return { ...filled(new URLSearchParams(), template.data), subnetIds, templateId: template.id };
}

function filled(form: URLSearchParams, data: ResponseLaunchTemplateData = {}): Pick<Launch, "form" | "tags"> {
  const given = (type: string) => specifiedTags(parametersOf({ form, service: "ec2" }), type);
  const own = new Map(made.map((type) => [type as string, given(type)]));
  const ofTemplate = (type: string) =>
    (data.TagSpecifications ?? [])
      .filter(({ ResourceType }) => ResourceType === type)
      .flatMap(({ Tags = [] }) => Tags.map(({ Key = "", Value = "" }) => [Key, Value] as const));
  fillTemplate(form, data);
  return { form, tags: (type) => new Map([...ofTemplate(type), ...(own.get(type) ?? [])]) };
}

export function templateReference(group: Parameters) {
  return {
    id: group.optional("LaunchTemplateId"),
    name: group.optional("LaunchTemplateName"),
    version: group.optional("Version"),
  };
}

/** What IAM is asked about a launch ("RunInstances" in the EC2 page of the Service Authorization Reference). */
export async function launchQuestions(launch: Launch, things: Things): Promise<Question[]> {
  const { form, subnetIds, templateId } = launch;
  const parameters = parametersOf({ form, service: "ec2" });
  const action = "ec2:RunInstances";
  const interfaces = parameters.groups("NetworkInterface");
  const groupIds = [
    ...parameters.list("SecurityGroupId"),
    ...interfaces.flatMap((one) => [...one.list("SecurityGroupId"), ...one.list("Groups")]),
  ];
  const named = [
    ["image", parameters.optional("ImageId")],
    ["key-pair", parameters.optional("KeyName")],
    ["launch-template", templateId],
    ...groupIds.map((id) => ["security-group", id] as const),
    ...subnetIds.map((id) => ["subnet", id] as const),
  ] as const;
  const found = await Promise.all(named.map(([type, name]) => (name ? things.find("ec2", type, name) : undefined)));
  const vpc = found.at(-1)?.more.get("ec2:Vpc");
  const unnamed = groupIds.length === 0 && vpc ? await things.defaultGroup(vpc[0]?.split("/").at(-1) ?? "") : undefined;
  const existing = [...found, unnamed].flatMap((thing) =>
    thing ? [{ action, resource: thing.arn, context: new Map([...resourceTags(thing.tags), ...thing.more]) }] : [],
  );
  const making = made.flatMap((type): Question[] => {
    const tags = launch.tags(type);
    const resource = things.arn("ec2", type, "*");
    const more = type === "network-interface" && vpc ? [["ec2:Vpc", vpc] as const] : [];
    return [
      { action, resource, context: new Map([...requestTags(tags), ...more]) },
      ...tagging(resource, "RunInstances", tags),
    ];
  });
  return [...existing, ...making, ...(await passing(parameters.group("IamInstanceProfile"), things))];
}

/** What EC2 asks besides where a create call sets tags. */
export function tagging(resource: string, createAction: string, tags: Tags): Question[] {
  if (tags.size === 0) return [];
  const context = new Map([["ec2:CreateAction", [createAction]], ...requestTags(tags)]);
  return [{ action: "ec2:CreateTags", resource, context }];
}

async function passing(profile: Parameters | undefined, things: Things): Promise<Question[]> {
  const name = profile?.optional("Name") || profile?.optional("Arn")?.split("/").at(-1);
  const roles = name ? await things.rolesOf(name) : [];
  const context = new Map([["iam:PassedToService", ["ec2.amazonaws.com"]]]);
  return roles.map((resource) => ({ action: "iam:PassRole", resource, context }));
}
