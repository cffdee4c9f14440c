import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVolumesCommand,
  GetConsoleOutputCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { eventually } from "../../eventually.ts";
import { baseImageId, type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";

let aws: EndpointUnderTest;
before(async () => {
  aws = await startEndpointUnderTest();
});
after(() => aws.close());

const userData = Buffer.from("#!/bin/sh\necho hello\n").toString("base64");

async function run(input: Partial<RunInstancesCommandInput> = {}): Promise<string> {
  const { Instances = [] } = await aws.ec2.send(
    new RunInstancesCommand({
      ImageId: baseImageId,
      InstanceType: "t3.micro",
      SubnetId: aws.network.subnetIds[0],
      MinCount: 1,
      MaxCount: 1,
      ...input,
    }),
  );
  return Instances[0]?.InstanceId ?? "";
}

async function describe(id: string) {
  const { Reservations = [] } = await aws.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations[0]?.Instances?.[0];
}

test("an instance runs at once in the sandbox's subnet and keeps its user data", async () => {
  const id = await run({ UserData: userData });
  const instance = await describe(id);
  assert.equal(instance?.State?.Name, "running");
  assert.match(instance?.PrivateIpAddress ?? "", /^198\.18\.[0-7]\./);
  assert.equal(instance?.RootDeviceName, "/dev/xvda");
  const attribute = await aws.ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: "userData" }));
  assert.equal(attribute.UserData?.Value, userData);
});

test("it stops, starts and terminates, and leaves neither volume nor interface", async () => {
  const id = await run();
  await aws.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  assert.equal((await describe(id))?.State?.Name, "stopped");
  await aws.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
  assert.equal((await describe(id))?.State?.Name, "running");
  const address = (await describe(id))?.PrivateIpAddress ?? "";
  const volumeId = (await describe(id))?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? "";
  await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  assert.equal((await describe(id))?.State?.Name, "terminated");
  assert.equal((await describe(id))?.PrivateIpAddress, undefined);
  const { NetworkInterfaces } = await aws.ec2.send(
    new DescribeNetworkInterfacesCommand({ Filters: [{ Name: "private-ip-address", Values: [address] }] }),
  );
  assert.deepEqual(NetworkInterfaces, []);
  const { Volumes = [] } = await aws.ec2.send(new DescribeVolumesCommand({}));
  assert.ok(!Volumes.some(({ VolumeId }) => VolumeId === volumeId));
});

test("ending by itself, it stops or terminates as its shutdown behaviour says", async () => {
  const stops = await run();
  const terminates = await run({ InstanceInitiatedShutdownBehavior: "terminate" });
  await aws.control("POST", `instances/${stops}/end`);
  await aws.control("POST", `instances/${terminates}/end`);
  await eventually(async () => (await describe(stops))?.State?.Name === "stopped");
  await eventually(async () => (await describe(terminates))?.State?.Name === "terminated");
});

test("GetConsoleOutput gives what the machine wrote", async () => {
  const id = await run();
  const { Output = "" } = await aws.ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
  assert.match(Buffer.from(Output, "base64").toString(), new RegExp(`${id} boots`));
  await assert.rejects(aws.ec2.send(new GetConsoleOutputCommand({ InstanceId: "i-0123456789abcdef0" })), {
    name: "InvalidInstanceID.NotFound",
  });
});

test("a launch template's second version brings user data, profile, tags and encrypted volume", async () => {
  await aws.boto("answer(client('iam').create_instance_profile(InstanceProfileName='web'))");
  await aws.ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: "web-1", LaunchTemplateData: { ImageId: baseImageId } }),
  );
  await aws.ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateName: "web-1",
      LaunchTemplateData: {
        ImageId: baseImageId,
        InstanceType: "t3.small",
        UserData: userData,
        IamInstanceProfile: { Name: "web" },
        MetadataOptions: { HttpTokens: "required" },
        BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 12, Encrypted: true, VolumeType: "gp3" } }],
        TagSpecifications: [
          { ResourceType: "instance", Tags: [{ Key: "role", Value: "web" }] },
          { ResourceType: "volume", Tags: [{ Key: "role", Value: "disk" }] },
          { ResourceType: "network-interface", Tags: [{ Key: "role", Value: "card" }] },
        ],
      },
    }),
  );
  const template = { LaunchTemplateName: "web-1", Version: "2" };
  const id = await run({ LaunchTemplate: template, ImageId: undefined, InstanceType: undefined });
  const instance = await describe(id);
  assert.equal(instance?.InstanceType, "t3.small");
  assert.match(instance?.IamInstanceProfile?.Arn ?? "", /instance-profile\/web$/);
  assert.equal(instance?.MetadataOptions?.HttpTokens, "required");
  assert.equal(instance?.Tags?.find(({ Key }) => Key === "role")?.Value, "web");
  const volumeId = instance?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? "";
  const { Volumes = [] } = await aws.ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
  assert.deepEqual([Volumes[0]?.Size, Volumes[0]?.Encrypted, Volumes[0]?.Tags?.[0]?.Value], [12, true, "disk"]);
  const ids = [instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? ""];
  const { NetworkInterfaces = [] } = await aws.ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: ids }),
  );
  assert.deepEqual(NetworkInterfaces[0]?.TagSet, [{ Key: "role", Value: "card" }]);
});

test("what EC2 refuses is refused", async () => {
  await assert.rejects(run({ ImageId: "ami-0123456789abcdef0" }), { name: "InvalidAMIID.NotFound" });
  await assert.rejects(run({ KeyName: "none" }), { name: "InvalidKeyPair.NotFound" });
  await assert.rejects(run({ InstanceType: "t99.huge" as "t3.micro" }), { name: "InvalidParameterValue" });
  await assert.rejects(run({ InstanceType: process.arch === "arm64" ? "t3.micro" : "t4g.micro" }), {
    name: "InvalidParameterValue",
    message: /architecture/,
  });
  await assert.rejects(run({ IamInstanceProfile: { Name: "none" } }), {
    name: "InvalidParameterValue",
    message: /Invalid IAM Instance Profile name/,
  });
  await assert.rejects(run({ SubnetId: "subnet-0123456789abcdef0" }), { name: "InvalidSubnetID.NotFound" });
  await assert.rejects(aws.ec2.send(new DescribeInstancesCommand({ MaxResults: 1 })), {
    name: "InvalidParameterValue",
  });
});

test("tags at creation are for what the call makes, and by EC2's rules", async () => {
  const tagged = (ResourceType: "instance" | "security-group", ...Tags: { Key: string; Value: string }[]) =>
    run({ TagSpecifications: [{ ResourceType, Tags }] });
  const many = Array.from({ length: 51 }, (_, index) => ({ Key: `key${index}`, Value: "" }));
  const invalid = { name: "InvalidParameterValue" };
  await assert.rejects(tagged("security-group", { Key: "a", Value: "b" }), invalid);
  await assert.rejects(tagged("instance", { Key: "aws:a", Value: "b" }), invalid);
  await assert.rejects(tagged("instance", { Key: "a", Value: "b" }, { Key: "a", Value: "c" }), invalid);
  await assert.rejects(tagged("instance", { Key: "a".repeat(129), Value: "" }), invalid);
  await assert.rejects(tagged("instance", { Key: "a", Value: "b".repeat(257) }), invalid);
  await assert.rejects(tagged("instance", ...many), { name: "TagLimitExceeded" });
});

test("a dry run changes nothing and says that it would work", async () => {
  const before = aws.instances.all().length;
  await assert.rejects(run({ DryRun: true }), { name: "DryRunOperation" });
  assert.equal(aws.instances.all().length, before);
});

test("a repeated client token launches once; with other parameters it is refused", async () => {
  const first = await run({ ClientToken: "once" });
  assert.equal(await run({ ClientToken: "once" }), first);
  await assert.rejects(run({ ClientToken: "once", InstanceType: "t3.small" }), { name: "IdempotentParameterMismatch" });
});
