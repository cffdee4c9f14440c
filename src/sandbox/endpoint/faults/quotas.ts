/** A quota's refusal: code and sentence (the services' API references, error codes of each action). */
interface Quota {
  code: string;
  message: string;
}

const quotas: Record<string, Quota> = {
  CreateVpc: { code: "VpcLimitExceeded", message: "The maximum number of VPCs has been reached." },
  CreateSubnet: { code: "SubnetLimitExceeded", message: "The maximum number of subnets has been reached." },
  CreateInternetGateway: {
    code: "InternetGatewayLimitExceeded",
    message: "The maximum number of internet gateways has been reached.",
  },
  CreateNatGateway: {
    code: "NatGatewayLimitExceeded",
    message: "The maximum number of NAT gateways has been reached.",
  },
  CreateRouteTable: {
    code: "RouteTableLimitExceeded",
    message: "The maximum number of route tables has been reached.",
  },
  AllocateAddress: { code: "AddressLimitExceeded", message: "The maximum number of addresses has been reached." },
  CreateSecurityGroup: {
    code: "SecurityGroupLimitExceeded",
    message: "The maximum number of security groups has been reached.",
  },
  AuthorizeSecurityGroupIngress: {
    code: "RulesPerSecurityGroupLimitExceeded",
    message: "The maximum number of rules per security group has been reached.",
  },
  AuthorizeSecurityGroupEgress: {
    code: "RulesPerSecurityGroupLimitExceeded",
    message: "The maximum number of rules per security group has been reached.",
  },
  CreateVolume: { code: "VolumeLimitExceeded", message: "The maximum number of volumes has been reached." },
  CreateSnapshot: { code: "SnapshotLimitExceeded", message: "The maximum number of snapshots has been reached." },
  RunInstances: {
    code: "VcpuLimitExceeded",
    message:
      "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
  },
  CreateLoadBalancer: {
    code: "TooManyLoadBalancers",
    message: "The maximum number of load balancers has been reached",
  },
  CreateTargetGroup: { code: "TooManyTargetGroups", message: "The maximum number of target groups has been reached" },
  CreateListener: { code: "TooManyListeners", message: "The maximum number of listeners has been reached" },
  CreateRule: { code: "TooManyRules", message: "The maximum number of rules has been reached" },
  RegisterTargets: { code: "TooManyTargets", message: "The maximum number of targets has been reached" },
  CreateAutoScalingGroup: {
    code: "LimitExceeded",
    message: "You have already reached your limit of Auto Scaling groups in this Region.",
  },
};

/** What is answered where the quota of an action is used up; undefined where there is none. */
export function quotaOf(action: string, code?: string): Quota | undefined {
  if (code) return { code, message: quotas[action]?.message ?? "You have reached a quota of this account." };
  return quotas[action];
}
