import type { Aws } from "../aws/aws.ts";
import { explainAll } from "../aws/explain.ts";
import { configSchema } from "../config/schema.ts";
import { Failure, sameCommand } from "../failure.ts";
import {
  chooseSubnets,
  isFit,
  networkTag,
  type Offerings,
  obviousVpc,
  offeredTypes,
  type PublicSubnet,
  type Vpc,
} from "./network.ts";
import type { InitOptions } from "./options.ts";
import type { Questions } from "./questions.ts";

export interface ChosenNetwork {
  vpcId: string;
  subnetIds: string[];
  instanceType: string;
}

/** The type where nobody could be asked what is offered: the config's own default. */
const usualType = configSchema.shape.instances.parse({}).type;

/**
 * VPC, subnets and instance type: as the options say, else as AWS has them. AWS is asked only for what the options leave
 * open, and where it cannot be asked the person is.
 */
export async function chooseNetwork(
  options: InitOptions,
  questions: Questions,
  open: () => Promise<Aws>,
): Promise<ChosenNetwork> {
  const { vpc, subnets, instanceType } = options;
  if (vpc !== undefined && subnets !== undefined) {
    if (instanceType === undefined)
      questions.say(
        `Instance type: ${usualType}; whether these zones offer it was not looked up. --instance-type names another.`,
      );
    return { vpcId: vpc, subnetIds: subnets, instanceType: instanceType ?? usualType };
  }
  try {
    const aws = await open();
    return await fromAws(aws, options, questions);
  } catch (error) {
    const failure = explainAll(error)[0];
    if (!(failure instanceof Failure) || ownCodes.includes(failure.code)) throw error;
    if (!questions.asks) throw withOtherWay(failure);
    questions.say([`AWS cannot be asked: ${failure.message}`, failure.fix].filter(Boolean).join("\n"), "warning");
    return await fromPerson(options, questions);
  }
}

/** What is no trouble with AWS. */
const ownCodes = ["interrupted", "no-network", "several-networks", "unknown-instance-type", "missing-prerequisites"];

async function fromAws(aws: Aws, options: InitOptions, questions: Questions): Promise<ChosenNetwork> {
  const { readOfferings, readVpcs } = await import("./read-network.ts");
  const vpcs = await readVpcs(aws);
  const vpc = await chooseVpc(aws, vpcs, options, questions);
  const zones = [...new Set(vpc.subnets.map(({ zone }) => zone))];
  const { instanceType } = options;
  const offered = await readOfferings(aws, zones);
  const subnets = await chooseSubnetsOf(vpc, offered, options, questions);
  questions.say(`Network: ${vpcName(vpc)}, ${subnets.map(({ id, zone }) => `${id} in ${zone}`).join(", ")}`);
  const type = instanceType ?? (await chooseType(offered, subnets, questions));
  return { vpcId: vpc.id, subnetIds: subnets.map(({ id }) => id), instanceType: type };
}

async function chooseVpc(aws: Aws, vpcs: Vpc[], options: InitOptions, questions: Questions): Promise<Vpc> {
  if (options.vpc !== undefined) {
    const named = vpcs.find(({ id }) => id === options.vpc);
    if (!named) throw noNetwork(`There is no VPC ${options.vpc} in ${aws.region}.`, vpcs);
    if (!isFit(named)) throw noNetwork(`${options.vpc} has no public subnets in two Availability Zones.`, vpcs);
    return named;
  }
  if (!vpcs.some(isFit)) throw noNetwork(`No VPC in ${aws.region} has public subnets in two Availability Zones.`, vpcs);
  const unfit = vpcs.find((vpc) => vpc.marked && !isFit(vpc));
  if (unfit) throw noNetwork(`${vpcName(unfit)} has no public subnets in two Availability Zones.`, vpcs);
  const obvious = obviousVpc(vpcs);
  if (obvious) return obvious;
  const marked = vpcs.filter((vpc) => vpc.marked);
  const candidates = marked.length > 0 ? marked : vpcs.filter(isFit);
  if (!questions.asks) throw severalNetworks(candidates);
  return await questions.choose(
    "Which VPC?",
    [...candidates, ...vpcs.filter((vpc) => !candidates.includes(vpc))].map((vpc) => ({
      value: vpc,
      label: vpcName(vpc),
      hint: isFit(vpc) ? vpc.cidr : "no public subnets in two zones",
      disabled: !isFit(vpc),
    })),
  );
}

async function chooseSubnetsOf(
  { id, subnets }: Vpc,
  offered: Offerings,
  options: InitOptions,
  questions: Questions,
): Promise<PublicSubnet[]> {
  if (options.subnets) {
    const named = options.subnets.map((wanted) => subnets.find((subnet) => subnet.id === wanted) ?? wanted);
    const strange = named.filter((each) => typeof each === "string");
    if (strange.length === 0) return named as PublicSubnet[];
    throw noNetwork(`${strange.join(", ")}: no public subnet of ${id} that a load balancer could use.`, []);
  }
  const proposal = chooseSubnets(subnets, offered);
  if (subnets.length <= 2 || !questions.asks) return proposal;
  return await questions.several(
    "Which public subnets? One in each of two zones or more",
    subnets.map((subnet) => ({
      value: subnet,
      label: `${subnet.id}  ${subnet.zone}`,
      hint: subnet.name ?? subnet.cidr,
    })),
    proposal,
    (chosen) => {
      const zones = new Set(chosen.map(({ zone }) => zone));
      if (zones.size < 2) return "A load balancer stands in two Availability Zones: choose subnets of two.";
      return zones.size < chosen.length ? "Only one subnet of each zone." : undefined;
    },
  );
}

async function chooseType(offered: Offerings, subnets: PublicSubnet[], questions: Questions): Promise<string> {
  const zones = subnets.map(({ zone }) => zone);
  const [best, ...others] = offeredTypes(offered, zones);
  if (best === undefined) {
    throw new Failure({
      code: "unknown-instance-type",
      message: `None of the burstable instance types is offered in all of ${zones.join(", ")}.`,
      reason: "EC2 was asked for those of the families t3, t3a, t2 and t4g.",
      fix: `Name a type that these zones offer: ${sameCommand} --instance-type TYPE`,
    });
  }
  if (!questions.asks) {
    questions.say(`Instance type: ${best}, offered in ${zones.join(" and ")}`);
    return best;
  }
  const few = [best, ...others].filter((type) => !/\.large$/.test(type)).slice(0, 8);
  return await questions.choose(
    "Which instance type?",
    few.map((type) => ({ value: type, label: type, hint: hintOf(type) })),
  );
}

/** Memory of the burstable sizes, the same in all their families (EC2 user guide, "Instance types"). */
const memory: Record<string, string> = { nano: "0.5", micro: "1", small: "2", medium: "4", large: "8" };

function hintOf(type: string): string {
  const [family, size = ""] = type.split(".");
  return `${memory[size]} GiB of memory${family === "t4g" ? ", arm64" : ""}`;
}

function vpcName({ id, name, isDefault, marked }: Vpc): string {
  const about = [name, isDefault && "default", marked && `tagged ${networkTag}`].filter(Boolean);
  return about.length > 0 ? `${id} (${about.join(", ")})` : id;
}

async function fromPerson(options: InitOptions, questions: Questions): Promise<ChosenNetwork> {
  const { vpcId, subnetIds } = configSchema.shape.network.shape;
  const wrong =
    (schema: { safeParse(value: unknown): { error?: { issues: { message: string }[] } | undefined } }) =>
    (value: unknown) =>
      schema.safeParse(value).error?.issues[0]?.message;
  const list = (text: string) => text.split(/[\s,]+/).filter(Boolean);
  const vpc = options.vpc ?? (await questions.text("The VPC's id", undefined, wrong(vpcId)));
  const subnets =
    options.subnets ??
    list(
      await questions.text("Two public subnets of it in two zones, parted by a comma", undefined, (text) =>
        wrong(subnetIds)(list(text)),
      ),
    );
  const type =
    options.instanceType ??
    (await questions.text("The instance type", usualType, wrong(configSchema.shape.instances.unwrap().shape.type)));
  return { vpcId: vpc, subnetIds: subnets, instanceType: type };
}

function withOtherWay({ code, message, reason, fix, action, requestId, exitCode, cause }: Failure): Failure {
  const other = `Or name the network, and AWS is not asked: ${sameCommand} --region REGION --vpc VPC --subnets SUBNET,SUBNET`;
  return new Failure({
    code,
    message,
    reason,
    fix: [fix, other].filter(Boolean).join("\n"),
    action,
    requestId,
    exitCode,
    cause,
  });
}

function noNetwork(message: string, vpcs: readonly Vpc[]): Failure {
  const seen = vpcs.map((vpc) => {
    const zones = [...new Set(vpc.subnets.map(({ zone }) => zone))];
    return `${vpcName(vpc)} has public subnets with room in ${zones.length > 0 ? zones.join(", ") : "no zone"}`;
  });
  return new Failure({
    code: "no-network",
    message,
    reason: [
      ...seen,
      "Public is a subnet whose route table leads 0.0.0.0/0 to an internet gateway; a load balancer needs it to be a /27 or larger, with 8 free addresses.",
    ].join("\n"),
    fix: "Make two such subnets (`aws ec2 create-default-vpc` makes a VPC with them), choose another --region, or name subnets by --vpc and --subnets.",
  });
}

function severalNetworks(vpcs: readonly Vpc[]): Failure {
  return new Failure({
    code: "several-networks",
    message: "Several VPCs would do, and nothing says which.",
    reason: vpcs.map(vpcName).join("\n"),
    fix: `Choose one: ${sameCommand} --vpc VPC\nOr tag the one to take with ${networkTag}.`,
  });
}
