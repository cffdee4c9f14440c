import { sameCommand } from "../failure.ts";

/** A quota as the Service Quotas console calls it. */
interface Quota {
  service: string;
  name: string;
  /** Absent where AWS does not raise it. */
  code?: string;
  /** What else can be done. */
  or: string;
}

/**
 * The quotas behind AWS's error codes. Names and quota codes: "Quotas for your Application Load Balancers", "Amazon VPC
 * quotas", "Quotas for Amazon EC2 Auto Scaling", "Amazon EC2 On-Demand Instance quotas" of the services' user guides.
 */
const quotas: readonly (readonly [RegExp, Quota])[] = [
  [
    /^(VcpuLimitExceeded|InstanceLimitExceeded)$/,
    {
      service: "ec2",
      name: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
      code: "L-1216C47A",
      or: "end instances that are not needed, or choose a smaller instance type; other families have quotas of their own",
    },
  ],
  [
    /^SecurityGroupLimitExceeded$/,
    {
      service: "vpc",
      name: "VPC security groups per Region",
      code: "L-E79EC296",
      or: "delete security groups that are not needed",
    },
  ],
  [
    /^RulesPerSecurityGroupLimitExceeded$/,
    {
      service: "vpc",
      name: "Inbound or outbound rules per security group",
      code: "L-0EA8095F",
      or: "name fewer networks in loadBalancer.allowFrom or instances.sshFrom",
    },
  ],
  [
    /^SecurityGroupsPer(Interface|Instance)LimitExceeded$/,
    { service: "vpc", name: "Security groups per network interface", code: "L-2AFB9258", or: "use fewer" },
  ],
  [
    /^VpcLimitExceeded$/,
    { service: "vpc", name: "VPCs per Region", code: "L-F678F1CE", or: "delete a VPC that is not needed" },
  ],
  [
    /^TooManyLoadBalancers(Exception)?$/,
    {
      service: "elasticloadbalancing",
      name: "Application Load Balancers per Region",
      code: "L-53DA6B97",
      or: "delete load balancers that are not needed",
    },
  ],
  [
    /^TooManyTargetGroups(Exception)?$/,
    {
      service: "elasticloadbalancing",
      name: "Target Groups per Region",
      code: "L-B22855CB",
      or: "delete target groups that are not needed",
    },
  ],
  [
    /^TooManyListeners(Exception)?$/,
    {
      service: "elasticloadbalancing",
      name: "Listeners per Application Load Balancer",
      code: "L-B6DF7632",
      or: "delete listeners that are not needed",
    },
  ],
  [
    /^(TooManyTargets|TooManyRegistrationsForTargetId)(Exception)?$/,
    {
      service: "elasticloadbalancing",
      name: "Targets per Application Load Balancer",
      code: "L-7E6692B2",
      or: "run fewer instances",
    },
  ],
  [
    /^autoscaling:CreateAutoScalingGroup LimitExceeded(Fault)?$/,
    {
      service: "autoscaling",
      name: "Auto Scaling groups per region",
      code: "L-CDE20ADC",
      or: "delete groups that are not needed",
    },
  ],
  [
    /^(TagLimitExceeded|TooManyTags(Exception)?)$/,
    { service: "", name: "tags of a resource, of which there are 50", or: "take some out of the config's tags" },
  ],
];

const unknownQuota = /LimitExceeded(Fault|Exception)?$|^TooMany(?!Requests)|^ResourceLimitExceeded/;

/** How to get over a quota that AWS has refused an action for; undefined when its error tells of no quota. */
export function overQuota(name: string, action = ""): { quota: string; fix: string } | undefined {
  if (/^(Request|Bandwidth)LimitExceeded/.test(name)) return undefined;
  const found = quotas.find(([pattern]) => pattern.test(name) || pattern.test(`${action} ${name}`))?.[1];
  if (found) return { quota: found.code ? `"${found.name}" (${found.code})` : found.name, fix: fixOf(found) };
  if (!unknownQuota.test(name)) return undefined;
  return {
    quota: "",
    fix: `Raise it in the Service Quotas console of this region, or remove what is not needed, then run again: ${sameCommand}`,
  };
}

function fixOf({ service, code, or }: Quota): string {
  const again = `then run again: ${sameCommand}`;
  if (!code) return `${or.charAt(0).toUpperCase()}${or.slice(1)}, ${again}`;
  const console = `https://console.aws.amazon.com/servicequotas/home/services/${service}/quotas/${code}`;
  return `Raise it in this region (${console}), or ${or}, ${again}`;
}
