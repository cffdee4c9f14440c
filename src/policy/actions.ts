/**
 * What somebody is to be allowed: to look; on top of that to bring about and change a stack, to take it down, to enter its
 * instances; and on top of these what a Packer needs that is older than 1.7.
 */
export const parts = ["read", "deploy", "destroy", "shell", "old-packer"] as const;
export type Part = (typeof parts)[number];

/** Actions by the part that has them, `<service>:<action>` each; all but read are on top of it. */
export type Actions = Readonly<Record<string, readonly Part[]>>;

const reading: Part[] = ["read"];
const changing: Part[] = ["deploy", "destroy"];
const deploying: Part[] = ["deploy"];
const destroying: Part[] = ["destroy"];
const entering: Part[] = ["shell"];

/** What IAM can limit to a region, and to nothing else: reads, and what is done with commands that somebody has sent. */
export const reads: Actions = {
  "autoscaling:DescribeAutoScalingGroups": reading,
  "autoscaling:DescribeInstanceRefreshes": reading,
  "autoscaling:DescribeScalingActivities": reading,
  "autoscaling:DescribeTags": destroying,
  // Elastic Load Balancing reads these four with its caller's permissions: three by "API permissions" of its user guide, the
  // last by what it answers who may not (kubernetes-sigs/aws-load-balancer-controller, issue 3917).
  "ec2:DescribeAccountAttributes": deploying,
  "ec2:DescribeAddresses": deploying,
  "ec2:DescribeInternetGateways": deploying,
  "ec2:GetSecurityGroupsForVpc": deploying,
  "ec2:DescribeImages": reading,
  "ec2:DescribeInstanceTypeOfferings": deploying,
  "ec2:DescribeInstanceTypes": reading,
  "ec2:DescribeInstances": reading,
  "ec2:DescribeKeyPairs": changing,
  "ec2:DescribeLaunchTemplateVersions": reading,
  "ec2:DescribeLaunchTemplates": reading,
  "ec2:DescribeNetworkInterfaces": changing,
  "ec2:DescribeRouteTables": deploying,
  "ec2:DescribeSecurityGroups": reading,
  "ec2:DescribeSnapshots": reading,
  "ec2:DescribeSubnets": reading,
  "ec2:DescribeTags": reading,
  "ec2:DescribeVolumes": changing,
  "ec2:DescribeVpcs": deploying,
  "elasticloadbalancing:DescribeListeners": reading,
  "elasticloadbalancing:DescribeLoadBalancerAttributes": reading,
  "elasticloadbalancing:DescribeLoadBalancers": reading,
  "elasticloadbalancing:DescribeTags": reading,
  "elasticloadbalancing:DescribeTargetGroupAttributes": reading,
  "elasticloadbalancing:DescribeTargetGroups": reading,
  "elasticloadbalancing:DescribeTargetHealth": reading,
  "servicequotas:GetAWSDefaultServiceQuota": deploying,
  "servicequotas:GetServiceQuota": deploying,
  "ssm:CancelCommand": entering,
  "ssm:DescribeInstanceInformation": entering,
  "ssm:GetCommandInvocation": entering,
};

/** What is done to a thing that is there: only to one that carries the stack's tags. */
export const ofOwn: Actions = {
  "autoscaling:AttachLoadBalancerTargetGroups": deploying,
  "autoscaling:CancelInstanceRefresh": changing,
  "autoscaling:CreateOrUpdateTags": deploying,
  "autoscaling:DeleteAutoScalingGroup": changing,
  "autoscaling:DeleteTags": deploying,
  "autoscaling:ResumeProcesses": deploying,
  "autoscaling:RollbackInstanceRefresh": deploying,
  "autoscaling:SetInstanceProtection": destroying,
  "autoscaling:StartInstanceRefresh": deploying,
  "autoscaling:UpdateAutoScalingGroup": changing,
  "ec2:AuthorizeSecurityGroupEgress": deploying,
  "ec2:AuthorizeSecurityGroupIngress": deploying,
  // Of the instance that the image is made of, or in a launch what an instance is made of.
  "ec2:CreateImage": deploying,
  "ec2:CreateLaunchTemplateVersion": deploying,
  "ec2:CreateTags": changing,
  "ec2:DeleteLaunchTemplate": changing,
  "ec2:DeleteLaunchTemplateVersions": deploying,
  "ec2:DeleteNetworkInterface": destroying,
  "ec2:DeleteSecurityGroup": changing,
  "ec2:DeleteSnapshot": changing,
  "ec2:DeleteTags": deploying,
  "ec2:DeleteVolume": destroying,
  "ec2:DeregisterImage": changing,
  "ec2:DescribeInstanceAttribute": destroying,
  "ec2:DescribeSnapshotAttribute": changing,
  "ec2:DisableImageDeregistrationProtection": destroying,
  "ec2:GetConsoleOutput": reading,
  "ec2:ModifyImageAttribute": deploying,
  "ec2:ModifyInstanceAttribute": destroying,
  "ec2:ModifyLaunchTemplate": deploying,
  "ec2:RevokeSecurityGroupEgress": changing,
  "ec2:RevokeSecurityGroupIngress": changing,
  "ec2:RunInstances": deploying,
  "ec2:StopInstances": deploying,
  "ec2:TerminateInstances": changing,
  "elasticloadbalancing:AddTags": deploying,
  "elasticloadbalancing:CreateListener": deploying,
  "elasticloadbalancing:DeleteListener": changing,
  "elasticloadbalancing:DeleteLoadBalancer": changing,
  "elasticloadbalancing:DeleteTargetGroup": changing,
  "elasticloadbalancing:ModifyListener": deploying,
  "elasticloadbalancing:ModifyLoadBalancerAttributes": changing,
  "elasticloadbalancing:ModifyTargetGroup": deploying,
  "elasticloadbalancing:ModifyTargetGroupAttributes": deploying,
  "elasticloadbalancing:RemoveTags": deploying,
  "elasticloadbalancing:SetSecurityGroups": deploying,
  "elasticloadbalancing:SetSubnets": deploying,
};
