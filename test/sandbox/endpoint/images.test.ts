import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CreateImageCommand,
  type CreateImageCommandInput,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { baseImageId, type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";

let aws: EndpointUnderTest;
let instanceId: string;
before(async () => {
  aws = await startEndpointUnderTest();
  const { Instances = [] } = await aws.ec2.send(
    new RunInstancesCommand({
      ImageId: baseImageId,
      InstanceType: "t3.micro",
      SubnetId: aws.network.subnetIds[0],
      BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 11, Encrypted: true } }],
      MinCount: 1,
      MaxCount: 1,
    }),
  );
  instanceId = Instances[0]?.InstanceId ?? "";
});
after(() => aws.close());

const create = (Name: string, more: Partial<CreateImageCommandInput> = {}) =>
  aws.ec2.send(new CreateImageCommand({ InstanceId: instanceId, Name, ...more }));

async function describe(imageId: string) {
  const { Images = [] } = await aws.ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
  return Images[0];
}

test("the base image is public, of this host's architecture, and not ours", async () => {
  const image = await describe(baseImageId);
  assert.equal(image?.RootDeviceType, "ebs");
  assert.equal(image?.Public, true);
  assert.notEqual(image?.OwnerId, "123456789012");
  assert.equal(image?.ImageOwnerAlias, "amazon", "its publisher is one that Amazon has verified");
  assert.equal(image?.Architecture, process.arch === "arm64" ? "arm64" : "x86_64");
  const { Images } = await aws.ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
  assert.deepEqual(Images, []);
});

test("an image has its instance, its disk, and tags on itself and its snapshot", async () => {
  const { ImageId = "" } = await create("tagged", {
    TagSpecifications: [
      { ResourceType: "image", Tags: [{ Key: "part", Value: "image" }] },
      { ResourceType: "snapshot", Tags: [{ Key: "part", Value: "snapshot" }] },
    ],
  });
  const image = await describe(ImageId);
  assert.equal(image?.SourceInstanceId, instanceId);
  assert.equal(image?.RootDeviceType, "ebs");
  assert.equal(image?.RootDeviceName, "/dev/xvda");
  assert.equal(image?.State, "available");
  assert.equal(image?.Tags?.[0]?.Value, "image");
  const [mapping] = image?.BlockDeviceMappings ?? [];
  assert.equal(mapping?.DeviceName, "/dev/xvda");
  assert.equal(mapping?.Ebs?.VolumeSize, 11);
  assert.equal(mapping?.Ebs?.Encrypted, true);
  const { Snapshots = [] } = await aws.ec2.send(
    new DescribeSnapshotsCommand({ OwnerIds: ["self"], Filters: [{ Name: "tag:part", Values: ["snapshot"] }] }),
  );
  assert.equal(Snapshots[0]?.SnapshotId, mapping?.Ebs?.SnapshotId);
  assert.equal(Snapshots[0]?.VolumeSize, 11);
  const read = await aws.boto(`
filters = [dict(Name='root-device-type', Values=['ebs']), dict(Name='name', Values=['tag*'])]
answer([i['ImageId'] for i in ec2.describe_images(Owners=['self'], Filters=filters)['Images']])`);
  assert.deepEqual(read, [ImageId]);
});

test("an image's instances boot from its root device, with one volume", async () => {
  const { ImageId = "" } = await create("bootable");
  const { Instances = [] } = await aws.ec2.send(
    new RunInstancesCommand({ ImageId, SubnetId: aws.network.subnetIds[1], MinCount: 1, MaxCount: 1 }),
  );
  const names = await aws.boto(`
instance = ec2.describe_instances(InstanceIds=['${Instances[0]?.InstanceId}'])['Reservations'][0]['Instances'][0]
answer([instance['RootDeviceName'], [m['DeviceName'] for m in instance['BlockDeviceMappings']]])`);
  assert.deepEqual(names, ["/dev/xvda", ["/dev/xvda"]]);
});

test("names are unique and limited, also for two at once", async () => {
  await assert.rejects(create("no"), { name: "InvalidAMIName.Malformed" });
  const outcomes = await Promise.allSettled([create("twice"), create("twice")]);
  const refused = outcomes.filter(({ status }) => status === "rejected");
  assert.equal(refused.length, 1);
  assert.equal((refused[0] as PromiseRejectedResult).reason.name, "InvalidAMIName.Duplicate");
});

test("a snapshot in use stays; deregistering can take it along", async () => {
  const { ImageId = "" } = await create("going");
  const SnapshotId = (await describe(ImageId))?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? "";
  await assert.rejects(aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId })), { name: "InvalidSnapshot.InUse" });
  const answer = await aws.ec2.send(new DeregisterImageCommand({ ImageId, DeleteAssociatedSnapshots: true }));
  assert.deepEqual(answer.DeleteSnapshotResults, [{ SnapshotId, ReturnCode: "success" }]);
  await assert.rejects(describe(ImageId), { name: "InvalidAMIID.NotFound" });
  await assert.rejects(aws.ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId] })), {
    name: "InvalidSnapshot.NotFound",
  });
});

test("deregistering alone leaves the snapshot, which can then be deleted", async () => {
  const { ImageId = "" } = await create("half");
  const SnapshotId = (await describe(ImageId))?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? "";
  await aws.ec2.send(new DeregisterImageCommand({ ImageId }));
  await aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
  await assert.rejects(aws.ec2.send(new DeregisterImageCommand({ ImageId: baseImageId })), { name: "AuthFailure" });
});
