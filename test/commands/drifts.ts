/** What somebody may change by hand on a running stack, and what a plan makes of it. */

type Call = [service: string, operation: string, parameters: object];

export interface Drift {
  what: string;
  /** The calls that somebody makes by hand. */
  byHand: (ids: Ids) => Call[];
  /** `update target-group: healthCheck`, one line for each change of the plan; none where it is no drift. */
  planned: string[];
}

export interface Ids {
  balancerGroup: string;
  instanceGroup: string;
  loadBalancer: string;
  targetGroup: string;
  listener: string;
  launchTemplate: string;
  /** One of the group's. */
  subnetId: string;
  /** What the template's newest version holds. */
  templateData: object;
}

const group = { AutoScalingGroupName: "hello-test" };
const open = { IpProtocol: "tcp", FromPort: 8080, ToPort: 8090, IpRanges: [{ CidrIp: "198.51.100.0/24" }] };
const everywhere = [{ CidrIp: "0.0.0.0/0" }];
const tag = { Key: "by-hand", Value: "1" };
const ec2Tags = (id: string): Call[] => [
  ["ec2", "create_tags", { Resources: [id], Tags: [tag] }],
  ["ec2", "delete_tags", { Resources: [id], Tags: [{ Key: "team" }] }],
];
const elbTags = (arn: string): Call[] => [
  ["elbv2", "add_tags", { ResourceArns: [arn], Tags: [tag] }],
  ["elbv2", "remove_tags", { ResourceArns: [arn], TagKeys: ["team"] }],
];
const groupTag = { ResourceId: "hello-test", ResourceType: "auto-scaling-group" };

/** Each kind of change by hand. */
export const drifts: Drift[] = [
  {
    what: "a rule in and a rule out added to the load balancer's security group",
    byHand: ({ balancerGroup: GroupId }) => [
      ["ec2", "authorize_security_group_ingress", { GroupId, IpPermissions: [open] }],
      ["ec2", "authorize_security_group_egress", { GroupId, IpPermissions: [open] }],
    ],
    planned: ["update load-balancer-security-group-rules: egress, ingress"],
  },
  {
    what: "rules added to the instances' security group: everything, IPv6, another group, with a description",
    byHand: ({ instanceGroup: GroupId }) => [
      [
        "ec2",
        "authorize_security_group_ingress",
        {
          GroupId,
          IpPermissions: [
            { IpProtocol: "-1", IpRanges: [{ CidrIp: "198.51.100.0/24", Description: "by hand" }] },
            { IpProtocol: "tcp", FromPort: 22, ToPort: 22, Ipv6Ranges: [{ CidrIpv6: "2001:db8::/32" }] },
            { IpProtocol: "tcp", FromPort: 22, ToPort: 22, UserIdGroupPairs: [{ GroupId }] },
            { IpProtocol: "icmp", FromPort: -1, ToPort: -1, IpRanges: everywhere },
          ],
        },
      ],
    ],
    planned: ["update instance-security-group-rules: ingress"],
  },
  {
    what: "rules removed from both security groups",
    byHand: ({ balancerGroup, instanceGroup }) => [
      [
        "ec2",
        "revoke_security_group_ingress",
        {
          GroupId: balancerGroup,
          IpPermissions: [{ IpProtocol: "tcp", FromPort: 80, ToPort: 80, IpRanges: everywhere }],
        },
      ],
      [
        "ec2",
        "revoke_security_group_egress",
        {
          GroupId: instanceGroup,
          IpPermissions: [{ IpProtocol: "-1", IpRanges: everywhere }],
        },
      ],
    ],
    planned: ["update load-balancer-security-group-rules: ingress", "update instance-security-group-rules: egress"],
  },
  {
    what: "the tags of both security groups",
    byHand: ({ balancerGroup, instanceGroup }) => [...ec2Tags(balancerGroup), ...ec2Tags(instanceGroup)],
    planned: ["update load-balancer-security-group: tags", "update instance-security-group: tags"],
  },
  {
    what: "the health check's path, status, times and thresholds",
    byHand: ({ targetGroup: TargetGroupArn }) => [
      [
        "elbv2",
        "modify_target_group",
        {
          TargetGroupArn,
          HealthCheckPath: "/by-hand",
          Matcher: { HttpCode: "200-399" },
          HealthCheckIntervalSeconds: 60,
          HealthCheckTimeoutSeconds: 20,
          HealthyThresholdCount: 5,
          UnhealthyThresholdCount: 5,
        },
      ],
    ],
    planned: ["update target-group: healthCheck"],
  },
  {
    what: "the port of the health check",
    byHand: ({ targetGroup: TargetGroupArn }) => [
      ["elbv2", "modify_target_group", { TargetGroupArn, HealthCheckPort: "81" }],
    ],
    planned: ["update target-group: healthCheck"],
  },
  {
    what: "the group's target group taken off",
    byHand: ({ targetGroup }) => [
      [
        "autoscaling",
        "detach_load_balancer_target_groups",
        { AutoScalingGroupName: "hello-test", TargetGroupARNs: [targetGroup] },
      ],
    ],
    planned: ["update auto-scaling-group: targetGroupArns"],
  },
  {
    what: "the deregistration delay",
    byHand: ({ targetGroup: TargetGroupArn }) => [
      [
        "elbv2",
        "modify_target_group_attributes",
        { TargetGroupArn, Attributes: [{ Key: "deregistration_delay.timeout_seconds", Value: "77" }] },
      ],
    ],
    planned: ["update target-group: deregistrationDelaySeconds"],
  },
  {
    what: "the target group's tags",
    byHand: ({ targetGroup }) => elbTags(targetGroup),
    planned: ["update target-group: tags"],
  },
  {
    what: "the listener deleted",
    byHand: ({ listener: ListenerArn }) => [["elbv2", "delete_listener", { ListenerArn }]],
    planned: ["create listener"],
  },
  {
    what: "the listener's action",
    byHand: ({ listener: ListenerArn }) => [
      [
        "elbv2",
        "modify_listener",
        {
          ListenerArn,
          DefaultActions: [
            { Type: "fixed-response", FixedResponseConfig: { StatusCode: "503", ContentType: "text/plain" } },
          ],
        },
      ],
    ],
    planned: ["update listener: action"],
  },
  {
    what: "the listener's tags",
    byHand: ({ listener }) => elbTags(listener),
    planned: ["update listener: tags"],
  },
  {
    what: "the load balancer's tags",
    byHand: ({ loadBalancer }) => elbTags(loadBalancer),
    planned: ["update load-balancer: tags"],
  },
  {
    what: "the load balancer's protection against deletion and its security groups",
    byHand: ({ loadBalancer: LoadBalancerArn, instanceGroup }) => [
      [
        "elbv2",
        "modify_load_balancer_attributes",
        { LoadBalancerArn, Attributes: [{ Key: "deletion_protection.enabled", Value: "true" }] },
      ],
      ["elbv2", "set_security_groups", { LoadBalancerArn, SecurityGroups: [instanceGroup] }],
    ],
    planned: ["update load-balancer: deletionProtection, securityGroupIds"],
  },
  {
    what: "the launch template's tags",
    byHand: ({ launchTemplate }) => ec2Tags(launchTemplate),
    planned: ["update launch-template: tags"],
  },
  {
    what: "a newer version of the launch template",
    byHand: ({ launchTemplate: LaunchTemplateId, templateData }) => [
      [
        "ec2",
        "create_launch_template_version",
        { LaunchTemplateId, LaunchTemplateData: { ...templateData, InstanceType: "t3.large" } },
      ],
    ],
    planned: ["update launch-template: instanceType", "roll auto-scaling-group: launchTemplateVersion, runningVersion"],
  },
  {
    what: "a newer version of the launch template that is the same",
    byHand: ({ launchTemplate: LaunchTemplateId, templateData: LaunchTemplateData }) => [
      ["ec2", "create_launch_template_version", { LaunchTemplateId, LaunchTemplateData }],
    ],
    planned: ["update auto-scaling-group: launchTemplateVersion"],
  },
  {
    what: "the group moved to another version of the launch template, not its instances",
    byHand: ({ launchTemplate: LaunchTemplateId, templateData }) => [
      [
        "ec2",
        "create_launch_template_version",
        { LaunchTemplateId, LaunchTemplateData: { ...templateData, InstanceType: "t3.large" } },
      ],
      [
        "autoscaling",
        "update_auto_scaling_group",
        { ...group, LaunchTemplate: { LaunchTemplateId, Version: "$Latest" } },
      ],
    ],
    planned: ["update launch-template: instanceType", "roll auto-scaling-group: launchTemplateVersion, runningVersion"],
  },
  {
    what: "the group's processes suspended",
    byHand: () => [
      ["autoscaling", "suspend_processes", { ...group, ScalingProcesses: ["HealthCheck", "ReplaceUnhealthy"] }],
    ],
    planned: ["update auto-scaling-group: suspendedProcesses"],
  },
  {
    what: "the group's health check and grace period",
    byHand: () => [
      ["autoscaling", "update_auto_scaling_group", { ...group, HealthCheckType: "EC2", HealthCheckGracePeriod: 7 }],
    ],
    planned: ["update auto-scaling-group: gracePeriodSeconds, healthCheckType"],
  },
  {
    what: "the group resized within min and max, which is no drift",
    byHand: () => [["autoscaling", "set_desired_capacity", { ...group, DesiredCapacity: 2 }]],
    planned: [],
  },
  {
    what: "the group resized beyond max",
    byHand: () => [
      ["autoscaling", "update_auto_scaling_group", { ...group, MinSize: 0, MaxSize: 5, DesiredCapacity: 4 }],
    ],
    planned: ["update auto-scaling-group: desiredCapacity, maxSize, minSize"],
  },
  {
    what: "the group resized to nothing",
    byHand: () => [["autoscaling", "update_auto_scaling_group", { ...group, MinSize: 0, DesiredCapacity: 0 }]],
    planned: ["update auto-scaling-group: desiredCapacity, minSize"],
  },
  {
    what: "the group's subnets and its policy of maintenance",
    byHand: ({ subnetId }) => [
      [
        "autoscaling",
        "update_auto_scaling_group",
        {
          ...group,
          VPCZoneIdentifier: subnetId,
          InstanceMaintenancePolicy: { MinHealthyPercentage: 50, MaxHealthyPercentage: 100 },
        },
      ],
    ],
    planned: ["update auto-scaling-group: maintenance, subnetIds"],
  },
  {
    what: "the group's tags",
    byHand: () => [
      ["autoscaling", "create_or_update_tags", { Tags: [{ ...groupTag, ...tag, PropagateAtLaunch: true }] }],
      ["autoscaling", "delete_tags", { Tags: [{ ...groupTag, Key: "team" }] }],
    ],
    planned: ["update auto-scaling-group: tags"],
  },
];
