/**
 * What AWS asks IAM about each call that multivac and Packer make: about which resources, and with which condition keys
 * for each. From the Service Authorization Reference, "Actions, resources, and condition keys for …": Amazon EC2
 * (list_amazonec2.html), Amazon EC2 Auto Scaling (list_amazonec2autoscaling.html), Elastic Load Balancing V2
 * (list_awselasticloadbalancingv2.html), AWS Systems Manager
 * (list_awssystemsmanager.html). Keys that no policy of multivac's names are left out.
 */

/** One resource of a call. */
export interface Asked {
  /** As its ARN has it. */
  type: string;
  /** The parameters of which one names it; none where the call makes it. */
  named: readonly string[];
  /** Whose tags the condition keys tell: `aws:ResourceTag/…`, `aws:RequestTag/…` with `aws:TagKeys`. */
  tags: { resource: boolean; request: boolean };
}

const there = (type: string, ...named: string[]): Asked => ({ type, named, tags: { resource: true, request: false } });
const made = (type: string, ...named: string[]): Asked => ({ type, named, tags: { resource: false, request: true } });
const retagged = (type: string, ...named: string[]): Asked => ({
  type,
  named,
  tags: { resource: true, request: true },
});

const group = there("security-group", "GroupId");
const template = there("launch-template", "LaunchTemplateId", "LaunchTemplateName");
const image = there("image", "ImageId");
const instance = there("instance", "InstanceId");

/** Without `RunInstances`, `CreateTags` and `DeleteTags`, which are about as many types as they are given. */
export const ec2: Readonly<Record<string, readonly Asked[]>> = {
  AuthorizeSecurityGroupEgress: [group],
  AuthorizeSecurityGroupIngress: [group],
  CreateImage: [made("image"), made("snapshot"), instance],
  CreateKeyPair: [made("key-pair", "KeyName")],
  CreateLaunchTemplate: [made("launch-template")],
  CreateLaunchTemplateVersion: [template],
  CreateSecurityGroup: [made("security-group"), there("vpc", "VpcId")],
  DeleteKeyPair: [there("key-pair", "KeyName", "KeyPairId")],
  DeleteLaunchTemplate: [template],
  DeleteLaunchTemplateVersions: [template],
  DeleteNetworkInterface: [there("network-interface", "NetworkInterfaceId")],
  DeleteSecurityGroup: [group],
  DeleteSnapshot: [there("snapshot", "SnapshotId")],
  DeleteVolume: [there("volume", "VolumeId")],
  DeregisterImage: [image],
  DescribeInstanceAttribute: [instance],
  DescribeSnapshotAttribute: [there("snapshot", "SnapshotId")],
  DisableImageDeregistrationProtection: [image],
  GetConsoleOutput: [instance],
  ModifyImageAttribute: [image],
  ModifyInstanceAttribute: [instance],
  ModifyLaunchTemplate: [template],
  RevokeSecurityGroupEgress: [group],
  RevokeSecurityGroupIngress: [group],
  StopInstances: [instance],
  TerminateInstances: [instance],
};

const scalingGroup = there("autoScalingGroup", "AutoScalingGroupName");

export const autoscaling: Readonly<Record<string, readonly Asked[]>> = {
  AttachLoadBalancerTargetGroups: [scalingGroup],
  CancelInstanceRefresh: [scalingGroup],
  CreateAutoScalingGroup: [made("autoScalingGroup", "AutoScalingGroupName")],
  CreateOrUpdateTags: [retagged("autoScalingGroup", "Tags.ResourceId")],
  DeleteAutoScalingGroup: [scalingGroup],
  DeleteTags: [retagged("autoScalingGroup", "Tags.ResourceId")],
  ResumeProcesses: [scalingGroup],
  RollbackInstanceRefresh: [scalingGroup],
  SetInstanceProtection: [scalingGroup],
  StartInstanceRefresh: [scalingGroup],
  UpdateAutoScalingGroup: [scalingGroup],
};

const balancer = there("loadbalancer/app", "LoadBalancerArn");
const targets = there("targetgroup", "TargetGroupArn");
const listener = there("listener/app", "ListenerArn");

export const elasticloadbalancing: Readonly<Record<string, readonly Asked[]>> = {
  AddTags: [retagged("", "ResourceArns")],
  CreateListener: [retagged("loadbalancer/app", "LoadBalancerArn")],
  CreateLoadBalancer: [made("loadbalancer/app", "Name")],
  CreateTargetGroup: [made("targetgroup", "Name")],
  DeleteListener: [listener],
  DeleteLoadBalancer: [balancer],
  DeleteTargetGroup: [targets],
  ModifyListener: [listener],
  ModifyLoadBalancerAttributes: [balancer],
  ModifyTargetGroup: [targets],
  ModifyTargetGroupAttributes: [targets],
  RemoveTags: [retagged("", "ResourceArns")],
  SetSecurityGroups: [balancer],
  SetSubnets: [balancer],
};

/** What changes something and is about no resource that IAM knows. */
export const withoutResource: readonly string[] = ["ssm:CancelCommand"];

/**
 * What AWS does with the caller's own permissions on the way, by call: "Elastic Load Balancing API permissions" (its user
 * guide; `GetSecurityGroupsForVpc` is not in it yet, and asked for), "Control Amazon EC2 launch template usage in Auto Scaling groups" (Auto Scaling user guide), and where a create
 * call sets tags "Grant permission to tag Amazon EC2 resources during creation" and its like of Elastic Load Balancing.
 */
export const onTheWay: Readonly<Record<string, readonly string[]>> = {
  "autoscaling:CreateAutoScalingGroup": [
    // Not documented as needed, nor as not needed: who has just the policies is to be able to either way.
    "autoscaling:CreateOrUpdateTags",
    "ec2:CreateTags",
    "ec2:RunInstances",
    "iam:CreateServiceLinkedRole",
    "iam:PassRole",
  ],
  "autoscaling:StartInstanceRefresh": ["ec2:CreateTags", "ec2:RunInstances", "iam:PassRole"],
  "autoscaling:UpdateAutoScalingGroup": ["ec2:CreateTags", "ec2:RunInstances", "iam:PassRole"],
  "ec2:CreateImage": ["ec2:CreateTags"],
  "ec2:CreateKeyPair": ["ec2:CreateTags"],
  "ec2:CreateLaunchTemplate": ["ec2:CreateTags"],
  "ec2:CreateSecurityGroup": ["ec2:CreateTags"],
  "ec2:RunInstances": ["ec2:CreateTags", "iam:PassRole"],
  "elasticloadbalancing:CreateListener": ["elasticloadbalancing:AddTags"],
  "elasticloadbalancing:CreateLoadBalancer": [
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:GetSecurityGroupsForVpc",
    "elasticloadbalancing:AddTags",
    "iam:CreateServiceLinkedRole",
  ],
  "elasticloadbalancing:CreateTargetGroup": [
    "ec2:DescribeInternetGateways",
    "ec2:DescribeVpcs",
    "elasticloadbalancing:AddTags",
  ],
  "elasticloadbalancing:SetSecurityGroups": ["ec2:GetSecurityGroupsForVpc"],
  "elasticloadbalancing:SetSubnets": ["ec2:DescribeSubnets"],
};
