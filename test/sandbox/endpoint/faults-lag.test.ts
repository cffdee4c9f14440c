import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { CreateAutoScalingGroupCommand, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateImageCommand,
  CreateKeyPairCommand,
  CreateLaunchTemplateCommand,
  CreateSecurityGroupCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { eventually } from "../../eventually.ts";
import { baseImageId, type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";

let aws: EndpointUnderTest;
before(async () => {
  aws = await startEndpointUnderTest();
});
after(() => aws.close());
afterEach(() => aws.control("DELETE", "faults"));

const lag = (action: string, how: object, more: object = {}) =>
  aws.control("POST", "faults", { rules: [{ action, ...more, fault: { kind: "lag", ...how } }] });
const forEver = { seconds: 3600 };
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "answered",
    (error: Error) => error.name,
  );

const createGroup = async (GroupName: string) => {
  const Description = "x";
  const made = await aws.ec2.send(new CreateSecurityGroupCommand({ GroupName, Description, VpcId: aws.network.vpcId }));
  return made.GroupId ?? "";
};
const listGroups = async (GroupName: string) => {
  const Filters = [{ Name: "group-name", Values: [GroupName] }];
  return (await aws.ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups ?? [];
};

test("a new security group is unknown by id, missing from lists, and unknown to what names it; its name is taken", async () => {
  await lag("CreateSecurityGroup", forEver);
  const id = await createGroup("lag-group");
  assert.equal(
    await codeOf(aws.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))),
    "InvalidGroup.NotFound",
  );
  assert.deepEqual(await listGroups("lag-group"), []);
  const byId = new DescribeSecurityGroupsCommand({ Filters: [{ Name: "group-id", Values: [id] }] });
  assert.deepEqual((await aws.ec2.send(byId)).SecurityGroups, [], "a filter is answered without an error");
  const all = await aws.ec2.send(new DescribeSecurityGroupsCommand({}));
  assert.equal(all.SecurityGroups?.length, 1, "the default one is there");
  const rule = new AuthorizeSecurityGroupIngressCommand({
    GroupId: id,
    IpPermissions: [{ IpProtocol: "tcp", FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: "10.0.0.0/8" }] }],
  });
  assert.equal(await codeOf(aws.ec2.send(rule)), "InvalidGroup.NotFound");
  const balancer = new CreateLoadBalancerCommand({ Name: "lag", Subnets: aws.network.subnetIds, SecurityGroups: [id] });
  assert.equal(await codeOf(aws.loadBalancing.send(balancer)), "InvalidSecurityGroupException");
  assert.equal(await codeOf(createGroup("lag-group")), "InvalidGroup.Duplicate");
  const { unknown } = (await aws.control("GET", "faults")) as { unknown: string[] };
  assert.deepEqual(unknown, [id]);
  await aws.control("DELETE", "faults");
  assert.equal((await listGroups("lag-group")).length, 1);
  assert.equal(await codeOf(aws.ec2.send(rule)), "answered", "the refused call had taken no effect");
});

test("lag lasts for a number of calls that would have met the thing, or for a time", async () => {
  await lag("CreateSecurityGroup", { calls: 2 });
  const id = await createGroup("lag-calls");
  const describe = () => codeOf(aws.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] })));
  assert.deepEqual([await describe(), (await listGroups("lag-calls")).length], ["InvalidGroup.NotFound", 0]);
  assert.deepEqual([await describe(), (await listGroups("lag-calls")).length], ["answered", 1]);

  await lag("CreateSecurityGroup", { seconds: 3600, calls: 1000 });
  await createGroup("lag-hour");
  assert.equal((await listGroups("lag-hour")).length, 0);
  await lag("CreateSecurityGroup", { seconds: 0.3, calls: 1000 });
  await createGroup("lag-seconds");
  await eventually(async () => (await listGroups("lag-seconds")).length === 1);
});

test("a lag for one tool is not another's", async () => {
  await lag("CreateSecurityGroup", forEver, { agent: "multivac" });
  await createGroup("lag-agent");
  assert.equal((await listGroups("lag-agent")).length, 0);
  const seen = await aws.boto(
    `answer([g['GroupName'] for g in ec2.describe_security_groups(Filters=[{'Name': 'group-name', 'Values': ['lag-agent']}])['SecurityGroups']])`,
  );
  assert.deepEqual(seen, ["lag-agent"]);
});

test("a new launch template is unknown by id and by name, to Auto Scaling in its own words", async () => {
  await lag("CreateLaunchTemplate", forEver);
  const LaunchTemplateName = "lag-template";
  const LaunchTemplateData = { ImageId: baseImageId, InstanceType: "t3.micro" as const };
  const make = () => aws.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }));
  const LaunchTemplateId = (await make()).LaunchTemplate?.LaunchTemplateId ?? "";
  const by = (input: object) => codeOf(aws.ec2.send(new DescribeLaunchTemplatesCommand(input)));
  assert.equal(await by({ LaunchTemplateIds: [LaunchTemplateId] }), "InvalidLaunchTemplateId.NotFound");
  assert.equal(await by({ LaunchTemplateNames: [LaunchTemplateName] }), "InvalidLaunchTemplateName.NotFoundException");
  const versions = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, Versions: ["$Latest"] });
  assert.equal(await codeOf(aws.ec2.send(versions)), "InvalidLaunchTemplateName.NotFoundException");
  const { LaunchTemplates } = await aws.ec2.send(new DescribeLaunchTemplatesCommand({}));
  assert.deepEqual(LaunchTemplates, []);
  const group = new CreateAutoScalingGroupCommand({
    AutoScalingGroupName: LaunchTemplateName,
    MinSize: 0,
    MaxSize: 1,
    VPCZoneIdentifier: aws.network.subnetIds.join(),
    LaunchTemplate: { LaunchTemplateId, Version: "1" },
  });
  await assert.rejects(aws.autoScaling.send(group), {
    name: "ValidationError",
    message: `You must use a valid fully-formed launch template. The specified launch template, with template ID ${LaunchTemplateId}, does not exist.`,
  });
  assert.equal(await codeOf(make()), "InvalidLaunchTemplateName.AlreadyExistsException");
});

test("a new instance, volume, snapshot, image and key pair have each their own code", async () => {
  await lag("*", forEver);
  const [SubnetId] = aws.network.subnetIds;
  const launch = { ImageId: baseImageId, InstanceType: "t3.micro" as const, SubnetId, MinCount: 1, MaxCount: 1 };
  const { Instances = [] } = await aws.ec2.send(new RunInstancesCommand(launch));
  const InstanceIds = Instances.map(({ InstanceId }) => InstanceId ?? "");
  const { ec2 } = aws;
  assert.equal(await codeOf(ec2.send(new DescribeInstancesCommand({ InstanceIds }))), "InvalidInstanceID.NotFound");
  assert.equal(await codeOf(ec2.send(new TerminateInstancesCommand({ InstanceIds }))), "InvalidInstanceID.NotFound");
  assert.deepEqual((await ec2.send(new DescribeInstancesCommand({}))).Reservations, []);

  const { VolumeId = "" } = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: "ap-southeast-2a", Size: 1 }));
  assert.equal(await codeOf(ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }))), "InvalidVolume.NotFound");
  assert.equal(await codeOf(ec2.send(new CreateSnapshotCommand({ VolumeId }))), "InvalidVolume.NotFound");
  await ec2.send(new CreateKeyPairCommand({ KeyName: "lag" }));
  assert.equal(await codeOf(ec2.send(new DescribeKeyPairsCommand({ KeyNames: ["lag"] }))), "InvalidKeyPair.NotFound");
  assert.deepEqual((await ec2.send(new DescribeKeyPairsCommand({}))).KeyPairs, []);

  await lag("*", forEver);
  const { SnapshotId = "" } = await ec2.send(new CreateSnapshotCommand({ VolumeId }));
  assert.equal(
    await codeOf(ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId] }))),
    "InvalidSnapshot.NotFound",
  );
  const [InstanceId] = InstanceIds;
  const { ImageId = "" } = await ec2.send(new CreateImageCommand({ InstanceId, Name: "lag" }));
  assert.equal(await codeOf(ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }))), "InvalidAMIID.NotFound");
  assert.deepEqual((await ec2.send(new DescribeImagesCommand({ Owners: ["self"] }))).Images, []);
  assert.equal(await codeOf(ec2.send(new RunInstancesCommand({ ...launch, ImageId }))), "InvalidAMIID.NotFound");
  await aws.control("DELETE", "faults");
  assert.equal((await ec2.send(new DescribeInstancesCommand({ InstanceIds }))).Reservations?.length, 1);
  assert.equal((await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }))).Images?.length, 1);
});

test("new load balancers, target groups and listeners are unknown by ARN and by name", async () => {
  await lag("*", forEver);
  const { loadBalancing } = aws;
  const { LoadBalancers } = await loadBalancing.send(
    new CreateLoadBalancerCommand({ Name: "lag", Subnets: aws.network.subnetIds }),
  );
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? "";
  const { TargetGroups } = await loadBalancing.send(
    new CreateTargetGroupCommand({ Name: "lag", Protocol: "HTTP", Port: 80, VpcId: aws.network.vpcId }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? "";
  const listen = new CreateListenerCommand({
    LoadBalancerArn,
    Protocol: "HTTP",
    Port: 80,
    DefaultActions: [{ Type: "forward", TargetGroupArn }],
  });
  const codes = async () => [
    await codeOf(loadBalancing.send(new DescribeLoadBalancersCommand({ Names: ["lag"] }))),
    await codeOf(loadBalancing.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }))),
    await codeOf(loadBalancing.send(new DescribeTargetGroupsCommand({ Names: ["lag"] }))),
    await codeOf(loadBalancing.send(new DescribeTagsCommand({ ResourceArns: [TargetGroupArn] }))),
    await codeOf(loadBalancing.send(listen)),
  ];
  assert.deepEqual(await codes(), [
    "LoadBalancerNotFoundException",
    "LoadBalancerNotFoundException",
    "TargetGroupNotFoundException",
    "TargetGroupNotFoundException",
    "LoadBalancerNotFoundException",
  ]);
  assert.deepEqual((await loadBalancing.send(new DescribeLoadBalancersCommand({}))).LoadBalancers, []);
  await lag("CreateListener", forEver);
  const { Listeners } = await loadBalancing.send(listen);
  const ListenerArns = [Listeners?.[0]?.ListenerArn ?? ""];
  assert.equal(
    await codeOf(loadBalancing.send(new DescribeListenersCommand({ ListenerArns }))),
    "ListenerNotFoundException",
  );
  assert.deepEqual((await loadBalancing.send(new DescribeListenersCommand({ LoadBalancerArn }))).Listeners, []);
});

test("a new Auto Scaling group is missing from lists, without an error, as Auto Scaling answers", async () => {
  const { LaunchTemplate } = await aws.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: "lag-group",
      LaunchTemplateData: { ImageId: baseImageId, InstanceType: "t3.micro" },
    }),
  );
  await lag("CreateAutoScalingGroup", { calls: 1 });
  const AutoScalingGroupName = "lag-scaling";
  await aws.autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      MinSize: 0,
      MaxSize: 1,
      VPCZoneIdentifier: aws.network.subnetIds.join(),
      LaunchTemplate: { LaunchTemplateId: LaunchTemplate?.LaunchTemplateId, Version: "1" },
    }),
  );
  const describe = () =>
    aws.autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }));
  assert.deepEqual((await describe()).AutoScalingGroups, []);
  assert.equal((await describe()).AutoScalingGroups?.length, 1);
});
