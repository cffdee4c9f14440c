import { AwsError } from "../aws-error.ts";
import { type Content, type Element, element, elements, text } from "../xml.ts";

/** What a call has made. */
export interface Made {
  id: string;
  name?: string | undefined;
}

/** A kind of thing as reads that lag know it, or rather do not. */
export interface ThingKind {
  /** The actions that make it. */
  made: Record<string, (result: Element, form: URLSearchParams) => Made[]>;
  /** Where lists show it: the list within the answer, and the field that holds its id. */
  lists: Record<string, { list: string; field: string }>;
  /** Parameters that name it by its name, as `Action parameter`. */
  byName?: RegExp;
  /** What AWS answers to a call of a service that names it; absent where AWS answers an empty list. */
  unknown?(what: string, service: string, byName: boolean): AwsError;
}

/** EC2's own list of tags. */
const ec2Tags = { DescribeTags: { list: "tagSet", field: "resourceId" } };

/** A kind of EC2 whose creation answers with one element that holds the id. */
function ec2Kind(
  action: string,
  { within, id, shown }: { within?: string; id: string; shown: Record<string, string> },
  unknown: NonNullable<ThingKind["unknown"]>,
): ThingKind {
  const made = (result: Element) => [{ id: text((within ? element(result[within]) : result)[id]) }];
  const lists = Object.entries(shown).map(([describe, list]) => [describe, { list, field: id }]);
  return { made: { [action]: made }, lists: { ...Object.fromEntries(lists), ...ec2Tags }, unknown };
}

const notFound = (code: string, sentence: (what: string) => string) => (what: string) =>
  new AwsError(code, sentence(what));

/** The kinds, with each service's own words for what it does not know. */
const kinds: readonly ThingKind[] = [
  ec2Kind(
    "CreateSecurityGroup",
    {
      id: "groupId",
      shown: { DescribeSecurityGroups: "securityGroupInfo", DescribeSecurityGroupRules: "securityGroupRuleSet" },
    },
    (what, service) => {
      const code = service === "elasticloadbalancing" ? "InvalidSecurityGroup" : "InvalidGroup.NotFound";
      return new AwsError(code, `The security group '${what}' does not exist`);
    },
  ),
  {
    made: {
      CreateLaunchTemplate: ({ launchTemplate }) => [
        { id: text(element(launchTemplate).launchTemplateId), name: text(element(launchTemplate).launchTemplateName) },
      ],
    },
    lists: {
      DescribeLaunchTemplates: { list: "launchTemplates", field: "launchTemplateId" },
      DescribeLaunchTemplateVersions: { list: "launchTemplateVersionSet", field: "launchTemplateId" },
      ...ec2Tags,
    },
    byName: /^(?!CreateLaunchTemplate ).*\bLaunchTemplateName(\.\d+)?$/,
    unknown(what, service, byName) {
      const sentence = `The specified launch template, with template ${byName ? "name" : "ID"} ${what}, does not exist.`;
      if (service === "autoscaling") {
        return new AwsError("ValidationError", `You must use a valid fully-formed launch template. ${sentence}`);
      }
      const code = byName ? "InvalidLaunchTemplateName.NotFoundException" : "InvalidLaunchTemplateId.NotFound";
      return new AwsError(code, sentence);
    },
  },
  {
    made: {
      RunInstances: (result) => elements(result.instancesSet).map(({ instanceId }) => ({ id: text(instanceId) })),
    },
    lists: {
      DescribeInstances: { list: "reservationSet.instancesSet", field: "instanceId" },
      DescribeInstanceStatus: { list: "instanceStatusSet", field: "instanceId" },
      ...ec2Tags,
    },
    unknown: notFound("InvalidInstanceID.NotFound", (what) => `The instance ID '${what}' does not exist`),
  },
  ec2Kind(
    "CreateImage",
    { id: "imageId", shown: { DescribeImages: "imagesSet" } },
    notFound("InvalidAMIID.NotFound", (what) => `The image id '[${what}]' does not exist`),
  ),
  ec2Kind(
    "CreateSnapshot",
    { id: "snapshotId", shown: { DescribeSnapshots: "snapshotSet" } },
    notFound("InvalidSnapshot.NotFound", (what) => `The snapshot '${what}' does not exist.`),
  ),
  ec2Kind(
    "CreateVolume",
    { id: "volumeId", shown: { DescribeVolumes: "volumeSet" } },
    notFound("InvalidVolume.NotFound", (what) => `The volume '${what}' does not exist.`),
  ),
  ec2Kind(
    "CreateVpc",
    { within: "vpc", id: "vpcId", shown: { DescribeVpcs: "vpcSet" } },
    notFound("InvalidVpcID.NotFound", (what) => `The vpc ID '${what}' does not exist`),
  ),
  ec2Kind(
    "CreateSubnet",
    { within: "subnet", id: "subnetId", shown: { DescribeSubnets: "subnetSet" } },
    (what, service) =>
      service === "elasticloadbalancing"
        ? new AwsError("SubnetNotFound", `The subnet ID '${what}' does not exist`)
        : new AwsError("InvalidSubnetID.NotFound", `The subnet ID '${what}' does not exist`),
  ),
  ec2Kind(
    "CreateInternetGateway",
    { within: "internetGateway", id: "internetGatewayId", shown: { DescribeInternetGateways: "internetGatewaySet" } },
    notFound("InvalidInternetGatewayID.NotFound", (what) => `The internetGateway ID '${what}' does not exist`),
  ),
  ec2Kind(
    "CreateRouteTable",
    { within: "routeTable", id: "routeTableId", shown: { DescribeRouteTables: "routeTableSet" } },
    notFound("InvalidRouteTableID.NotFound", (what) => `The routeTable ID '${what}' does not exist`),
  ),
  {
    made: Object.fromEntries(
      ["CreateKeyPair", "ImportKeyPair"].map((action) => [
        action,
        ({ keyPairId, keyName }: Element) => [{ id: text(keyPairId), name: text(keyName) }],
      ]),
    ),
    lists: { DescribeKeyPairs: { list: "keySet", field: "keyPairId" }, ...ec2Tags },
    byName: /^(?!(Create|Import)KeyPair ).*\bKeyName(\.\d+)?$/,
    unknown: notFound("InvalidKeyPair.NotFound", (what) => `The key pair '${what}' does not exist`),
  },
  {
    made: { CreateLoadBalancer: ({ LoadBalancers }) => madeOf(LoadBalancers, "LoadBalancerArn", "LoadBalancerName") },
    lists: { DescribeLoadBalancers: { list: "LoadBalancers", field: "LoadBalancerArn" } },
    byName: /^DescribeLoadBalancers Names/,
    unknown: notFound("LoadBalancerNotFound", () => "One or more load balancers not found"),
  },
  {
    made: { CreateTargetGroup: ({ TargetGroups }) => madeOf(TargetGroups, "TargetGroupArn", "TargetGroupName") },
    lists: { DescribeTargetGroups: { list: "TargetGroups", field: "TargetGroupArn" } },
    byName: /^DescribeTargetGroups Names/,
    unknown: (_, service) =>
      service === "autoscaling"
        ? new AwsError(
            "ValidationError",
            "Provided Target Groups may not be valid. Please ensure they exist and try again.",
          )
        : new AwsError("TargetGroupNotFound", "One or more target groups not found"),
  },
  {
    made: { CreateListener: ({ Listeners }) => madeOf(Listeners, "ListenerArn") },
    lists: { DescribeListeners: { list: "Listeners", field: "ListenerArn" } },
    unknown: notFound("ListenerNotFound", () => "One or more listeners not found"),
  },
  {
    made: { CreateAutoScalingGroup: (_, form) => [{ id: form.get("AutoScalingGroupName") ?? "" }] },
    lists: {
      DescribeAutoScalingGroups: { list: "AutoScalingGroups", field: "AutoScalingGroupName" },
      DescribeTags: { list: "Tags", field: "ResourceId" },
    },
  },
];

function madeOf(list: Content, id: string, name?: string): Made[] {
  return elements(list).map((one) => ({ id: text(one[id]), name: name && text(one[name]) }));
}

/** The kind of thing that an action makes. */
export function kindMadeBy(action: string): ThingKind | undefined {
  return kinds.find(({ made }) => action in made);
}

export function makesThings(action: string): boolean {
  return kindMadeBy(action) !== undefined;
}
