import { python } from "../../boto3.ts";
import type { TestSandbox } from "../../sandboxes.ts";

/** A VPC with an internet gateway, a route to it, and two public subnets in each of three zones. */
export interface TestNetwork {
  vpcId: string;
  /** By zone: `a`, `b`, `c`; the second one of each: `a2`, `b2`, `c2`. */
  subnets: Record<string, string>;
}

/** Makes networks as another tool would, each with a /20 of addresses. */
export async function makeNetworks(aws: TestSandbox, count: number): Promise<TestNetwork[]> {
  return python(aws.env, script, count);
}

const script = `
ec2 = client("ec2")


def network(first):
    vpc = ec2.create_vpc(CidrBlock=f"198.19.{first}.0/20")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    [table] = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    ec2.create_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    subnets = {}
    for index, name in enumerate(["a", "b", "c", "a2", "b2", "c2"]):
        place = {"CidrBlock": f"198.19.{first + index}.0/24", "AvailabilityZone": f"ap-southeast-2{name[0]}"}
        subnets[name] = ec2.create_subnet(VpcId=vpc, **place)["Subnet"]["SubnetId"]
    return {"vpcId": vpc, "subnets": subnets}


answer([network(16 * each) for each in range(arguments[0])])
`;
