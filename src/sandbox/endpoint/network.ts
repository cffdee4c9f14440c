import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInternetGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  type EC2Client,
  ModifySubnetAttributeCommand,
} from "@aws-sdk/client-ec2";

export interface Network {
  vpcId: string;
  subnetIds: [string, string];
}

/** Makes the sandbox's only VPC: two public subnets in two Availability Zones. moto's default VPC goes. */
export async function createNetwork(
  ec2: EC2Client,
  { vpcCidr, subnetCidrs, region }: { vpcCidr: string; subnetCidrs: readonly [string, string]; region: string },
): Promise<Network> {
  await deleteDefaultVpc(ec2);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: vpcCidr }));
  const vpcId = Vpc?.VpcId as string;
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const gatewayId = InternetGateway?.InternetGatewayId as string;
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: gatewayId, VpcId: vpcId }));
  const { RouteTables } = await ec2.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: "vpc-id", Values: [vpcId] }] }),
  );
  const routeTableId = RouteTables?.[0]?.RouteTableId as string;
  await ec2.send(
    new CreateRouteCommand({
      RouteTableId: routeTableId,
      DestinationCidrBlock: "0.0.0.0/0",
      GatewayId: gatewayId,
    }),
  );

  const [first, second] = subnetCidrs;
  const subnetIds: [string, string] = [await createSubnet(first, "a"), await createSubnet(second, "b")];
  await ec2.send(
    new CreateTagsCommand({ Resources: [vpcId, ...subnetIds], Tags: [{ Key: "Name", Value: "sandbox" }] }),
  );
  return { vpcId, subnetIds };

  async function createSubnet(block: string, zone: string): Promise<string> {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: block, AvailabilityZone: `${region}${zone}` }),
    );
    const subnetId = Subnet?.SubnetId as string;
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: subnetId, MapPublicIpOnLaunch: { Value: true } }));
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId: routeTableId, SubnetId: subnetId }));
    return subnetId;
  }
}

async function deleteDefaultVpc(ec2: EC2Client): Promise<void> {
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
  for (const { VpcId, IsDefault } of Vpcs) {
    if (!VpcId || !IsDefault) continue;
    const inVpc = [{ Name: "vpc-id", Values: [VpcId] }];
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters: inVpc }));
    for (const { SubnetId } of Subnets) await ec2.send(new DeleteSubnetCommand({ SubnetId }));
    const attached = [{ Name: "attachment.vpc-id", Values: [VpcId] }];
    const { InternetGateways = [] } = await ec2.send(new DescribeInternetGatewaysCommand({ Filters: attached }));
    for (const { InternetGatewayId } of InternetGateways) {
      await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
      await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
    }
    await ec2.send(new DeleteVpcCommand({ VpcId }));
  }
}
