import { AwsError } from "../aws-error.ts";
import type { Call } from "../call.ts";
import { documentOf } from "../json.ts";
import { type Parameters, parametersOf } from "../parameters.ts";
import type { Question } from "./evaluate.ts";
import { launchOf, launchOfTemplate, launchQuestions, tagging, templateReference } from "./launch.ts";
import * as reference from "./reference.ts";
import { givenTags, requestTags, resourceTags, specifiedTags } from "./tags.ts";
import { type Things, typeOfId } from "./things.ts";

type Ask = (call: Call, things: Things) => Promise<Question[]>;

/** Everything that AWS asks IAM about a call, with the region that it goes to. */
export async function questionsOf(call: Call, things: Things): Promise<Question[]> {
  const ask = services[call.service] ?? any;
  const region = ["aws:RequestedRegion", [call.region]] as const;
  return (await ask(call, things)).map((question) => ({
    ...question,
    context: new Map([...question.context, region]),
  }));
}

const services: Record<string, Ask> = {
  /** "No permissions are required to perform this operation" (STS API reference, GetCallerIdentity). */
  sts: async (call) => (call.action === "GetCallerIdentity" ? [] : await any(call)),

  async ec2(call, things) {
    if (call.action === "RunInstances") return await launchQuestions(await launchOf(call, things), things);
    if (/^(Create|Delete)Tags$/.test(call.action)) return await retagging(call, things);
    const asked = reference.ec2[call.action];
    if (!asked) return await any(call);
    const parameters = parametersOf(call);
    const questions = await listed(call, asked, things, (type) => specifiedTags(parameters, type));
    const tagged = asked
      .filter(({ tags }) => tags.request)
      .flatMap(({ type, named }) =>
        tagging(
          things.arn("ec2", type, namesOf(parameters, named)[0] ?? "*"),
          call.action,
          specifiedTags(parameters, type),
        ),
      );
    return [...questions, ...tagged];
  },

  async ssm(call, things) {
    if (call.action !== "SendCommand") return await any(call);
    const { DocumentName, InstanceIds = [] } = documentOf<{ DocumentName?: string; InstanceIds?: string[] }>(call);
    const action = "ssm:SendCommand";
    const found = await Promise.all(InstanceIds.map((id) => things.find("ec2", "instance", id)));
    const tagged = (tags: ReadonlyMap<string, string>) =>
      [...tags].flatMap(([key, value]) => [
        [`ssm:resourceTag/${key}`, [value]] as const,
        [`aws:ResourceTag/${key}`, [value]] as const,
      ]);
    return [
      { action, resource: `arn:aws:ssm:${call.region}::document/${DocumentName}`, context: new Map() },
      ...found.flatMap((one) => (one ? [{ action, resource: one.arn, context: new Map(tagged(one.tags)) }] : [])),
    ];
  },

  async autoscaling(call, things) {
    const asked = reference.autoscaling[call.action];
    if (!asked) return await any(call);
    const tags = givenTags(parametersOf(call));
    const own = await listed(call, asked, things, () => tags);
    const launch = await launching(call, things);
    if (call.action !== "CreateAutoScalingGroup") return [...own, ...launch];
    const tagged = tags.size > 0 ? own.map((one) => ({ ...one, action: "autoscaling:CreateOrUpdateTags" })) : [];
    return [...own, ...tagged, ...launch, serviceLinkedRole("AutoScaling", things)];
  },

  async elasticloadbalancing(call, things) {
    const asked = reference.elasticloadbalancing[call.action];
    if (!asked) return await any(call);
    const parameters = parametersOf(call);
    const tags = givenTags(parameters);
    const own = await listed(call, asked, things, () => tags);
    const creating = call.action.startsWith("Create") && tags.size > 0;
    const context = new Map([["elasticloadbalancing:CreateAction", [call.action]], ...requestTags(tags)]);
    const ofEc2 = (reference.onTheWay[`elasticloadbalancing:${call.action}`] ?? []).filter((each) =>
      each.startsWith("ec2:"),
    );
    return [
      ...own,
      ...(creating
        ? [{ action: "elasticloadbalancing:AddTags", resource: madeBy(call, parameters, things), context }]
        : []),
      ...ofEc2.map((action): Question => ({ action, resource: "*", context: new Map() })),
      ...(call.action === "CreateLoadBalancer" ? [serviceLinkedRole("ElasticLoadBalancing", things)] : []),
    ];
  },
};

/** An action that is about no resource; what changes something and is not in the reference could be about any. */
async function any({ service, action }: Call): Promise<Question[]> {
  if (/^(Describe|Get|List)/.test(action) || reference.withoutResource.includes(`${service}:${action}`))
    return [{ action: `${service}:${action}`, resource: "*", context: new Map() }];
  throw new AwsError("AccessDenied", `The sandbox does not know what IAM is asked about ${service}:${action}.`, 403);
}

/** The questions of an entry in the reference, one for each resource that is there or that the call makes. */
async function listed(
  call: Call,
  asked: readonly reference.Asked[],
  things: Things,
  tagsOf: (type: string) => ReadonlyMap<string, string>,
): Promise<Question[]> {
  const { service } = call;
  const action = `${service}:${call.action}`;
  const parameters = parametersOf(call);
  const questions = asked.map(async ({ type, named, tags }) => {
    const request = tags.request ? requestTags(tagsOf(type)) : [];
    const names = namesOf(parameters, named);
    if (!tags.resource)
      return [{ action, resource: arnOfMade(service, type, names[0], things), context: new Map(request) }];
    // The service itself says of what is not there that it is not.
    const found = await Promise.all(names.map((name) => things.find(service, type, name)));
    return found.flatMap((thing) =>
      thing
        ? [{ action, resource: thing.arn, context: new Map([...resourceTags(thing.tags), ...thing.more, ...request]) }]
        : [],
    );
  });
  return (await Promise.all(questions)).flat();
}

/** The names that a call gives by parameters: `GroupId`, `InstanceId.N`, `ResourceArns.member.N`, `Tags.member.N.ResourceId`. */
function namesOf(parameters: Parameters, named: readonly string[]): string[] {
  const names = named.flatMap((name) => {
    const [first = "", member] = name.split(".");
    if (member) return parameters.groups(first).flatMap((one) => one.optional(member) ?? []);
    return [...parameters.list(first), ...(parameters.optional(first) ? [parameters.text(first)] : [])];
  });
  return [...new Set(names)];
}

function arnOfMade(service: string, type: string, name: string | undefined, things: Things): string {
  if (service === "autoscaling") return things.arn(service, type, `*:autoScalingGroupName/${name}`);
  return things.arn(service, type, service === "ec2" ? (name ?? "*") : `${name}/*`);
}

/** The ARN of what an Elastic Load Balancing call makes; a listener's goes by its load balancer's. */
function madeBy(call: Call, parameters: Parameters, things: Things): string {
  if (call.action === "CreateListener")
    return `${parameters.text("LoadBalancerArn").replace(":loadbalancer/", ":listener/")}/*`;
  const [asked] = reference.elasticloadbalancing[call.action] ?? [];
  return arnOfMade(call.service, asked?.type ?? "", parameters.text("Name"), things);
}

async function retagging(call: Call, things: Things): Promise<Question[]> {
  const parameters = parametersOf(call);
  const tags = requestTags(givenTags(parameters));
  const ids = parameters.list("ResourceId");
  const found = await Promise.all(ids.map((id) => things.find("ec2", typeOfId(id), id)));
  return found.flatMap((thing) =>
    thing
      ? [
          {
            action: `ec2:${call.action}`,
            resource: thing.arn,
            context: new Map([...resourceTags(thing.tags), ...thing.more, ...tags]),
          },
        ]
      : [],
  );
}

/** Auto Scaling tries the launch with the caller's permissions where a call gives a group a launch template. */
async function launching(call: Call, things: Things): Promise<Question[]> {
  const parameters = parametersOf(call);
  const given = parameters.group("LaunchTemplate") ?? parameters.group("DesiredConfiguration")?.group("LaunchTemplate");
  if (!given) return [];
  const template = await things.template(templateReference(given));
  if (!template) return [];
  const subnets = parameters.optional("VPCZoneIdentifier")?.split(",");
  const subnetIds = subnets ?? things.subnetsOf(parameters.text("AutoScalingGroupName"));
  return await launchQuestions(launchOfTemplate(template, subnetIds), things);
}

/** A service makes its own role where an account has none yet, if the caller may. */
function serviceLinkedRole(name: string, things: Things): Question {
  const service = `${name.toLowerCase()}.amazonaws.com`;
  return {
    action: "iam:CreateServiceLinkedRole",
    resource: things.role(`aws-service-role/${service}/AWSServiceRoleFor${name}`),
    context: new Map([["iam:AWSServiceName", [service]]]),
  };
}
