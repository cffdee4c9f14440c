import { sameCommand } from "../failure.ts";

/** A quota as the Service Quotas console calls it. */
export interface Quota {
  service: string;
  name: string;
  code: string;
  /** What else can be done. */
  or: string;
}

/**
 * Quotas that a stack can reach. Names and quota codes: "Quotas for your Application Load Balancers", "Amazon VPC quotas",
 * "Quotas for Amazon EC2 Auto Scaling" of the services' user guides.
 */
export const quotas = {
  securityGroups: {
    service: "vpc",
    name: "VPC security groups per Region",
    code: "L-E79EC296",
    or: "delete security groups that are not needed",
  },
  rules: {
    service: "vpc",
    name: "Inbound or outbound rules per security group",
    code: "L-0EA8095F",
    or: "name fewer networks in loadBalancer.allowFrom, instances.sshFrom or instances.allowTo",
  },
  loadBalancers: {
    service: "elasticloadbalancing",
    name: "Application Load Balancers per Region",
    code: "L-53DA6B97",
    or: "delete load balancers that are not needed",
  },
  targetGroups: {
    service: "elasticloadbalancing",
    name: "Target Groups per Region",
    code: "L-B22855CB",
    or: "delete target groups that are not needed",
  },
  autoScalingGroups: {
    service: "autoscaling",
    name: "Auto Scaling groups per region",
    code: "L-CDE20ADC",
    or: "delete groups that are not needed",
  },
} as const satisfies Record<string, Quota>;

/** By the beginning of an instance type, the vCPUs' quotas ("Amazon EC2 On-Demand Instance quotas", EC2 user guide). */
const families: readonly (readonly [RegExp, string, string])[] = [
  [/^dl\d/, "DL", "L-6E869C2A"],
  [/^f\d/, "F", "L-74FC7D96"],
  [/^(g|gr|vt)\d/, "G and VT", "L-DB2E81BA"],
  [/^hpc\d/, "HPC", "L-F7808C92"],
  [/^u(-|\d)/, "High Memory", "L-43DA4232"],
  [/^inf\d/, "Inf", "L-1945791B"],
  [/^p\d/, "P", "L-417A185B"],
  [/^trn\d/, "Trn", "L-2C3B7624"],
  [/^x\d/, "X", "L-7295265B"],
  [/^([acdhmrtz]|i[a-z]{0,2})\d/, "Standard (A, C, D, H, I, M, R, T, Z)", "L-1216C47A"],
];

/** The quota that the vCPUs of an On-Demand instance type count for; undefined for a type of none that is known. */
export function vcpuQuota(type: string): Quota | undefined {
  const [, family, code] = families.find(([beginning]) => beginning.test(type)) ?? [];
  if (!family || !code) return undefined;
  const or = "end instances that are not needed, or choose a smaller instance type";
  return { service: "ec2", name: `Running On-Demand ${family} instances`, code, or };
}

/** The quotas behind AWS's error codes; one without a code is not to be raised. */
const refusals: readonly (readonly [RegExp, Omit<Quota, "code"> & { code?: string }])[] = [
  [
    /^(VcpuLimitExceeded|InstanceLimitExceeded)$/,
    {
      service: "ec2",
      name: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
      code: "L-1216C47A",
      or: "end instances that are not needed, or choose a smaller instance type; other families have quotas of their own",
    },
  ],
  [/^SecurityGroupLimitExceeded$/, quotas.securityGroups],
  [/^RulesPerSecurityGroupLimitExceeded$/, quotas.rules],
  [
    /^SecurityGroupsPer(Interface|Instance)LimitExceeded$/,
    { service: "vpc", name: "Security groups per network interface", code: "L-2AFB9258", or: "use fewer" },
  ],
  [
    /^VpcLimitExceeded$/,
    { service: "vpc", name: "VPCs per Region", code: "L-F678F1CE", or: "delete a VPC that is not needed" },
  ],
  [/^TooManyLoadBalancers(Exception)?$/, quotas.loadBalancers],
  [/^TooManyTargetGroups(Exception)?$/, quotas.targetGroups],
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
  [/^autoscaling:CreateAutoScalingGroup LimitExceeded(Fault)?$/, quotas.autoScalingGroups],
  [
    /^(TagLimitExceeded|TooManyTags(Exception)?)$/,
    { service: "", name: "tags of a resource, of which there are 50", or: "take some out of the config's tags" },
  ],
];

const unknownQuota = /LimitExceeded(Fault|Exception)?$|^TooMany(?!Requests)|^ResourceLimitExceeded/;

/** How to get over a quota that AWS has refused an action for; undefined when its error tells of no quota. */
export function overQuota(name: string, action = ""): { quota: string; fix: string } | undefined {
  if (/^(Request|Bandwidth)LimitExceeded/.test(name)) return undefined;
  const found = refusals.find(([pattern]) => pattern.test(name) || pattern.test(`${action} ${name}`))?.[1];
  if (found) return { quota: quotaName(found), fix: quotaFix(found) };
  if (!unknownQuota.test(name)) return undefined;
  return {
    quota: "",
    fix: `Raise it in the Service Quotas console of this region, or remove what is not needed, then run again: ${sameCommand}`,
  };
}

/** A quota as a person looks it up: `"VPCs per Region" (L-F678F1CE)`. */
export function quotaName({ name, code }: Pick<Quota, "name"> & { code?: string }): string {
  return code ? `"${name}" (${code})` : name;
}

/** How to get over a quota that is reached. */
export function quotaFix({ service, code, or }: Omit<Quota, "code"> & { code?: string }): string {
  const again = `then run again: ${sameCommand}`;
  if (!code) return `${or.charAt(0).toUpperCase()}${or.slice(1)}, ${again}`;
  const console = `https://console.aws.amazon.com/servicequotas/home/services/${service}/quotas/${code}`;
  return `Raise it in this region (${console}), or ${or}, ${again}`;
}
