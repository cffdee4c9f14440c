import {
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, CreateLaunchTemplateVersionCommand } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { eventually } from "../../eventually.ts";
import { baseImageId, type EndpointUnderTest } from "./endpoint-under-test.ts";

/** What most tests of groups need: a launch template of two versions, and a target group behind a load balancer. */
export async function makeTemplateAndTargets(aws: EndpointUnderTest) {
  const data = (role: string) => ({
    ImageId: baseImageId,
    InstanceType: "t3.micro" as const,
    UserData: Buffer.from(`#!/bin/sh\n# ${role}\n`).toString("base64"),
    TagSpecifications: [
      { ResourceType: "instance" as const, Tags: [{ Key: "role", Value: role }] },
      { ResourceType: "volume" as const, Tags: [{ Key: "role", Value: "disk" }] },
      { ResourceType: "network-interface" as const, Tags: [{ Key: "role", Value: "card" }] },
    ],
  });
  const { LaunchTemplate } = await aws.ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: "web", LaunchTemplateData: data("first") }),
  );
  const LaunchTemplateId = LaunchTemplate?.LaunchTemplateId ?? "";
  await aws.ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateId, LaunchTemplateData: data("second") }));
  const { TargetGroups = [] } = await aws.loadBalancing.send(
    new CreateTargetGroupCommand({ Name: "web", Protocol: "HTTP", Port: 80, VpcId: aws.network.vpcId }),
  );
  const TargetGroupArn = TargetGroups[0]?.TargetGroupArn ?? "";
  const { LoadBalancers = [] } = await aws.loadBalancing.send(
    new CreateLoadBalancerCommand({ Name: "web", Subnets: aws.network.subnetIds }),
  );
  await aws.loadBalancing.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [{ Type: "forward", TargetGroupArn }],
    }),
  );
  return { LaunchTemplateId, TargetGroupArn, url: `http://${LoadBalancers[0]?.DNSName}/` };
}

/** How Auto Scaling refuses what is wrong. */
export const invalid = (message: RegExp) => ({ name: "ValidationError", message });

/** Calls about one group, made short. */
export function groupCalls(aws: EndpointUnderTest, LaunchTemplateId: () => string) {
  const describe = async (name: string): Promise<AutoScalingGroup | undefined> => {
    const { AutoScalingGroups = [] } = await aws.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    );
    return AutoScalingGroups[0];
  };
  const inService = (group: AutoScalingGroup | undefined) =>
    (group?.Instances ?? []).filter(
      ({ LifecycleState, HealthStatus }) => LifecycleState === "InService" && HealthStatus === "Healthy",
    );
  return {
    describe,
    inService,
    create: (AutoScalingGroupName: string, more: Partial<CreateAutoScalingGroupCommandInput> = {}) =>
      aws.autoScaling.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName,
          MinSize: 1,
          MaxSize: 4,
          VPCZoneIdentifier: aws.network.subnetIds.join(","),
          LaunchTemplate: { LaunchTemplateId: LaunchTemplateId(), Version: "1" },
          ...more,
        }),
      ),
    update: (AutoScalingGroupName: string, more: object) =>
      aws.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...more })),
    remove: (AutoScalingGroupName: string, ForceDelete = true) =>
      aws.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete })),
    /** Waits until exactly so many instances are there, all in service and healthy. */
    settled: (name: string, count: number) =>
      eventually(async () => {
        const group = await describe(name);
        return inService(group).length === count && group?.Instances?.length === count && (group.Instances ?? []);
      }),
    activities: async (AutoScalingGroupName: string, IncludeDeletedGroups = false) => {
      const { Activities = [] } = await aws.autoScaling.send(
        new DescribeScalingActivitiesCommand({ AutoScalingGroupName, IncludeDeletedGroups }),
      );
      return Activities;
    },
    targetStates: async (TargetGroupArn: string) => {
      const { TargetHealthDescriptions = [] } = await aws.loadBalancing.send(
        new DescribeTargetHealthCommand({ TargetGroupArn }),
      );
      return new Map(TargetHealthDescriptions.map(({ Target, TargetHealth }) => [Target?.Id, TargetHealth?.State]));
    },
  };
}
