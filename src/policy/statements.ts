import { ownerOf } from "../aws/base-image.ts";
import type { OperatingSystem } from "../bake/order.ts";
import { elbNames } from "../resources/elb.ts";
import { stackKey } from "../stack.ts";
import { type Actions, ofOwn, type Part, reads } from "./actions.ts";
import { literal, type PolicyDocument, type Statement } from "./document.ts";
import { arn, inRegion, type Subject, tags, vpcOf } from "./subject.ts";

/** The policy of a part. */
export function policyOf(subject: Subject, part: Part): PolicyDocument {
  return { Version: "2012-10-17", Statement: byPart[part].flatMap((make) => make(subject, part)) };
}

type Make = (subject: Subject, part: Part) => Statement | Statement[];

function actionsOf(actions: Actions, part: Part): string[] {
  return Object.entries(actions).flatMap(([action, parts]) => (parts.includes(part) ? action : []));
}

function allow(
  Sid: string,
  Action: string[],
  Resource: string | string[],
  Condition?: Statement["Condition"],
): Statement {
  return { Sid, Effect: "Allow", Action, Resource, ...(Condition ? { Condition } : {}) };
}

const look: Make = (subject, part) => allow("Look", actionsOf(reads, part), "*", { StringEquals: inRegion(subject) });

/** AWS's price list, which is asked in one of the few regions that have it. */
const lookUpPrices: Make = () => allow("LookUpPrices", ["pricing:GetProducts"], "*");

/** Without the stack's tags on it, nothing that is there can be changed, and of an instance nothing be told. */
const own: Make = (subject, part) =>
  allow(part === "read" ? "LookAtOwn" : "ChangeOwn", actionsOf(ofOwn, part), "*", {
    StringEquals: { ...inRegion(subject), ...tags("ResourceTag", subject) },
  });

/** Condition: what is there has no tags of any stack. */
const ofNoStack = { "aws:ResourceTag/multivac:name": "true" };

/** EC2's types that calls make with the stack's tags, by the action that does. */
const madeInEc2: Readonly<Record<string, readonly string[]>> = {
  CreateLaunchTemplate: ["launch-template"],
  CreateSecurityGroup: ["security-group"],
  CreateImage: ["image", "snapshot"],
  RunInstances: ["instance", "volume"],
};

/** A destroy makes nothing but the stack's lock, which is a launch template. */
const makes = (part: Part) => (part === "deploy" ? Object.keys(madeInEc2) : ["CreateLaunchTemplate"]);

const scalingGroups = (subject: Subject) =>
  arn(subject, "autoscaling", `autoScalingGroup:*:autoScalingGroupName/${stackKey(subject.stack)}*`);

/** What other services make under the stack's own names, the second ones with one letter more, by the action that does. */
function madeByName(subject: Subject): Record<string, string> {
  const [balancer] = elbNames(subject.stack).balancers;
  const [targetGroup] = elbNames(subject.stack).targetGroups;
  return {
    "autoscaling:CreateAutoScalingGroup": scalingGroups(subject),
    "elasticloadbalancing:CreateLoadBalancer": arn(subject, "elasticloadbalancing", `loadbalancer/app/${balancer}*`),
    "elasticloadbalancing:CreateTargetGroup": arn(subject, "elasticloadbalancing", `targetgroup/${targetGroup}*`),
  };
}

/** One statement for all, as no service's actions are about another's things, and space is scarce. */
const makeTagged: Make = (subject, part) => {
  const byName = part === "deploy" ? madeByName(subject) : {};
  const types = makes(part).flatMap((action) => madeInEc2[action] ?? []);
  return allow(
    "MakeTagged",
    [...makes(part).map((action) => `ec2:${action}`), ...Object.keys(byName)],
    [...types.map((type) => arn(subject, "ec2", `${type}/*`)), ...Object.values(byName)],
    { StringEquals: tags("RequestTag", subject) },
  );
};

const tagWhatIsMade: Make = (subject, part) => {
  const CreateAction = [...makes(part), ...(part === "deploy" ? ["CreateKeyPair"] : [])];
  // Images and snapshots are of no account, all else is: this is either.
  return allow("TagWhatIsMade", ["ec2:CreateTags"], arn({ ...subject, account: undefined }, "ec2", "*/*"), {
    StringEquals: { "ec2:CreateAction": CreateAction, ...tags("RequestTag", subject) },
  });
};

const tagWhatBalances: Make = (subject) =>
  allow("TagWhatBalances", ["elasticloadbalancing:AddTags"], "*", {
    StringEquals: {
      ...inRegion(subject),
      "elasticloadbalancing:CreateAction": ["CreateListener", "CreateLoadBalancer", "CreateTargetGroup"],
      ...tags("RequestTag", subject),
    },
  });

/**
 * That Auto Scaling asks for this where a group is made with tags, AWS neither says nor rules out ("Amazon EC2 Auto Scaling
 * API permissions", its user guide, where examples allow it beside `CreateAutoScalingGroup`). It is allowed for groups of the
 * stack's name that have no tags of any stack.
 */
const tagWhatScales: Make = (subject) =>
  allow("TagWhatScales", ["autoscaling:CreateOrUpdateTags"], scalingGroups(subject), {
    StringEquals: tags("RequestTag", subject),
    Null: ofNoStack,
  });

/**
 * What `ec2:Owner` can be of an image that a system's publisher owns. The key is "amazon, aws-marketplace, or an AWS account
 * ID" (Service Authorization Reference, condition keys of Amazon EC2), and EC2 shows as `amazon` also the images of publishers
 * that Amazon has verified, Canonical and Debian among them ("Verified provider", EC2 user guide). Which of the two it
 * compares AWS does not say: either will do.
 */
function ownersOf(os: OperatingSystem, region: string): string | string[] {
  const owner = ownerOf(os, region) ?? "amazon";
  return owner === "amazon" ? owner : [owner, "amazon"];
}

/** What belongs to nobody's stack: the network, the image that is baked upon, a key pair. */
const launch: Make = (subject) => {
  const { network, instances, image } = subject.config;
  const named = [
    `vpc/${network.vpcId}`,
    ...network.subnetIds.map((id) => `subnet/${id}`),
    ...(image.id ? [`image/${image.id}`] : []),
    ...(instances.keyName ? [`key-pair/${literal(instances.keyName)}`] : []),
  ];
  const ofEc2 = (thing: string) => arn(subject, "ec2", thing);
  const run = ["ec2:RunInstances"];
  return [
    allow("UseNamed", ["ec2:CreateSecurityGroup", ...run], named.map(ofEc2)),
    allow("LaunchInVpc", run, ofEc2("network-interface/*"), { ArnLike: { "ec2:Vpc": vpcOf(subject) } }),
    ...(image.id
      ? []
      : [
          allow("LaunchBuilder", run, ofEc2("image/*"), {
            StringEquals: { "ec2:Owner": ownersOf(image.os, subject.region) },
          }),
        ]),
  ];
};

/** Packer's temporary key pair. */
const builderKey: Make = (subject, part) =>
  allow(
    "BuilderKey",
    part === "deploy" ? ["ec2:CreateKeyPair", "ec2:DeleteKeyPair", "ec2:RunInstances"] : ["ec2:DeleteKeyPair"],
    arn(subject, "ec2", `key-pair/packer_${stackKey(subject.stack)}_*`),
  );

/** What carries no tags of any stack: also what somebody made who uses none. */
const untagged: Make = (subject) => {
  const ofEc2 = (...types: string[]) => types.map((type) => arn(subject, "ec2", `${type}/*`));
  const without = { Null: ofNoStack };
  return [
    allow("MakeUntagged", ["ec2:CreateImage", "ec2:CreateSecurityGroup"], ofEc2("image", "security-group", "snapshot")),
    allow("TagUntagged", ["ec2:CreateTags"], ofEc2("image", "snapshot"), {
      StringEquals: tags("RequestTag", subject),
      ...without,
    }),
    allow(
      "UseUntaggedGroup",
      ["ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteSecurityGroup", "ec2:RunInstances"],
      ofEc2("security-group"),
      { ArnLike: { "ec2:Vpc": vpcOf(subject) }, ...without },
    ),
    allow(
      "DeleteUntaggedImage",
      ["ec2:DeleteSnapshot", "ec2:DeregisterImage", "ec2:DescribeSnapshotAttribute"],
      ofEc2("image", "snapshot"),
      without,
    ),
  ];
};

const passRole: Make = (subject) => {
  const { role, region, config } = subject;
  if (!role) return [];
  const account = /^arn:[^:]+:iam::(\d{12}):/.exec(config.instances.instanceProfile ?? "")?.[1] ?? subject.account;
  const service = region.startsWith("cn-") ? "ec2.amazonaws.com.cn" : "ec2.amazonaws.com";
  return allow("PassRole", ["iam:PassRole"], arn({ ...subject, account }, "iam", `role/${role}`), {
    StringEquals: { "iam:PassedToService": service },
  });
};

/** The first load balancer and the first Auto Scaling group of an account bring their services' own roles with them. */
const makeServiceRoles: Make = (subject) =>
  allow("MakeServiceRoles", ["iam:CreateServiceLinkedRole"], arn(subject, "iam", "role/aws-service-role/*"), {
    StringEquals: { "iam:AWSServiceName": ["autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com"] },
  });

/**
 * Commands and sessions on the stack's instances, by the documents that multivac and the AWS CLI name ("Restrict access to
 * Run Command based on tags", "Sample IAM policies for Session Manager", Systems Manager user guide). Another's session can
 * be neither joined nor ended nor gone on with: whose it is, its id tells, and a tag that works for federated users too
 * ("Allow a user to end only sessions they started", the same guide).
 */
const enter: Make = (subject) => [
  allow("EnterOwn", ["ssm:SendCommand", "ssm:StartSession"], arn(subject, "ec2", "instance/*"), {
    StringEquals: {
      "ssm:resourceTag/multivac:name": subject.stack.name,
      "ssm:resourceTag/multivac:environment": subject.stack.environment,
    },
  }),
  allow("RunShell", ["ssm:SendCommand"], arn({ ...subject, account: "" }, "ssm", "document/AWS-RunShellScript")),
  allow("OpenShell", ["ssm:StartSession"], arn(subject, "ssm", "document/SSM-SessionManagerRunShell")),
  allow(
    "OwnSession",
    ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"],
    arn(subject, "ssm", `session/\${aws:userid}-*`),
  ),
  allow("EndOwnSession", ["ssm:ResumeSession", "ssm:TerminateSession"], arn(subject, "ssm", "session/*"), {
    StringEquals: { "ssm:resourceTag/aws:ssmmessages:session-id": `\${aws:userid}` },
  }),
];

const byPart: Record<Part, readonly Make[]> = {
  read: [look, own, lookUpPrices],
  deploy: [
    look,
    own,
    makeTagged,
    tagWhatIsMade,
    tagWhatBalances,
    tagWhatScales,
    launch,
    builderKey,
    passRole,
    makeServiceRoles,
  ],
  destroy: [look, own, makeTagged, tagWhatIsMade, builderKey],
  shell: [look, enter],
  "old-packer": [untagged],
};
