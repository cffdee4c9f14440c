import {
  DescribeInternetGatewaysCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";

interface Placement {
  subnets: string[];
  securityGroups: string[];
  scheme: string;
}

/** Refuses subnets and security groups that a load balancer cannot stand in. Tells the Availability Zones of the subnets. */
export async function checkPlacement(
  ec2: EC2Client,
  { subnets, securityGroups, scheme }: Placement,
): Promise<string[]> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const found = subnets.map((id) => {
    const subnet = Subnets.find(({ SubnetId }) => SubnetId === id);
    if (!subnet) throw new AwsError("SubnetNotFound", `The subnet ID '${id}' does not exist`);
    return subnet;
  });
  const zones = new Set(found.map(({ AvailabilityZone }) => AvailabilityZone));
  if (zones.size < found.length) {
    throw new AwsError(
      "InvalidConfigurationRequest",
      "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    );
  }
  if (zones.size < 2) {
    throw new AwsError("ValidationError", "At least two subnets in two different Availability Zones must be specified");
  }
  const vpcId = found[0]?.VpcId ?? "";
  if (scheme === "internet-facing") await checkGateway(ec2, vpcId);
  await checkGroups(ec2, securityGroups);
  return [...zones].flatMap((zone) => zone ?? []);
}

/** The Availability Zones of subnets. */
export async function zonesOf(ec2: EC2Client, subnets: readonly string[]): Promise<string[]> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  return Subnets.flatMap(({ SubnetId = "", AvailabilityZone = "" }) =>
    subnets.includes(SubnetId) ? [AvailabilityZone] : [],
  );
}

async function checkGateway(ec2: EC2Client, vpcId: string): Promise<void> {
  const { InternetGateways = [] } = await ec2.send(
    new DescribeInternetGatewaysCommand({ Filters: [{ Name: "attachment.vpc-id", Values: [vpcId] }] }),
  );
  if (InternetGateways.length === 0) throw new AwsError("InvalidSubnet", `VPC ${vpcId} has no internet gateway`);
}

export async function checkGroups(ec2: EC2Client, securityGroups: readonly string[]): Promise<void> {
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  for (const id of securityGroups) {
    if (!SecurityGroups.some(({ GroupId }) => GroupId === id)) {
      throw new AwsError("InvalidSecurityGroup", `The security group '${id}' does not exist`);
    }
  }
}
