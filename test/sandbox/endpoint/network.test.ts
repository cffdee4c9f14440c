import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  AuthorizeSecurityGroupEgressCommand,
  CreateSecurityGroupCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  RevokeSecurityGroupEgressCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateLoadBalancerCommand, DeleteLoadBalancerCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { eventually } from "../../eventually.ts";
import { baseImageId, type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";

let aws: EndpointUnderTest;
before(async () => {
  aws = await startEndpointUnderTest({ interfaceSeconds: 0.5 });
});
after(() => aws.close());

async function createGroup(GroupName: string, Description = "for a test"): Promise<string> {
  const { GroupId = "" } = await aws.ec2.send(
    new CreateSecurityGroupCommand({ GroupName, Description, VpcId: aws.network.vpcId }),
  );
  return GroupId;
}
const deleteGroup = (GroupId: string) => aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
const inUse = { name: "DependencyViolation" };

test("there is one VPC with two public subnets in two zones", async () => {
  const { Vpcs = [] } = await aws.ec2.send(new DescribeVpcsCommand({}));
  assert.deepEqual(
    Vpcs.map(({ VpcId, CidrBlock, IsDefault }) => [VpcId, CidrBlock, IsDefault]),
    [[aws.network.vpcId, "198.18.0.0/20", false]],
  );
  const { Subnets = [] } = await aws.ec2.send(new DescribeSubnetsCommand({}));
  assert.deepEqual(Subnets.map(({ SubnetId }) => SubnetId).sort(), [...aws.network.subnetIds].sort());
  assert.deepEqual(Subnets.map(({ AvailabilityZone }) => AvailabilityZone).sort(), [
    "ap-southeast-2a",
    "ap-southeast-2b",
  ]);
});

test("security groups keep to AWS's names", async () => {
  await createGroup("Web");
  await assert.rejects(createGroup("web"), { name: "InvalidGroup.Duplicate" });
  await assert.rejects(createGroup("sg-mine"), { name: "InvalidParameterValue" });
  await assert.rejects(createGroup("ümlaut"), { name: "InvalidParameterValue" });
  await assert.rejects(createGroup("x".repeat(256)), { name: "InvalidParameterValue" });
  await assert.rejects(createGroup("fine", "what about <this>?"), { name: "InvalidParameterValue" });
});

test("a group stays while a rule of another names it", async () => {
  const [named, naming] = [await createGroup("named"), await createGroup("naming")];
  const IpPermissions = [{ IpProtocol: "tcp", FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: named }] }];
  await aws.ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: naming, IpPermissions }));
  await assert.rejects(deleteGroup(named), inUse);
  await aws.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: naming, IpPermissions }));
  await deleteGroup(named);
  await deleteGroup(naming);
});

test("a group stays while an instance wears it", async () => {
  const worn = await createGroup("worn");
  const { Instances = [] } = await aws.ec2.send(
    new RunInstancesCommand({
      ImageId: baseImageId,
      SubnetId: aws.network.subnetIds[0],
      SecurityGroupIds: [worn],
      MinCount: 1,
      MaxCount: 1,
    }),
  );
  await assert.rejects(deleteGroup(worn), inUse);
  await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [Instances[0]?.InstanceId ?? ""] }));
  await deleteGroup(worn);
});

test("a load balancer's interfaces are Elastic Load Balancing's, and linger when it is deleted", async () => {
  const group = await createGroup("balancer");
  const { LoadBalancers = [] } = await aws.loadBalancing.send(
    new CreateLoadBalancerCommand({ Name: "web", Subnets: aws.network.subnetIds, SecurityGroups: [group] }),
  );
  const arn = LoadBalancers[0]?.LoadBalancerArn ?? "";
  const look = async (Name: string, value: string) => {
    const { NetworkInterfaces = [] } = await aws.ec2.send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name, Values: [value] }] }),
    );
    return NetworkInterfaces;
  };
  const [first] = await look("description", `ELB ${arn.split(":loadbalancer/")[1]}`);
  assert.equal(first?.RequesterId, "amazon-elb");
  assert.equal(first?.Status, "in-use");
  assert.equal((await look("attachment.instance-owner-id", "amazon-elb")).length, 2);
  assert.equal((await look("group-id", group)).length, 2);
  await assert.rejects(
    aws.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: first?.NetworkInterfaceId })),
    { name: "InvalidParameterValue" },
  );
  await aws.control("POST", "settings", { interfaceSeconds: 3600 });
  await aws.loadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
  await assert.rejects(deleteGroup(group), inUse);
  await aws.control("POST", "settings", { interfaceSeconds: 0.1 });
  await eventually(async () => (await look("group-id", group)).length === 0);
  await deleteGroup(group);
});
