import type { Route, RouteTable } from "@aws-sdk/client-ec2";

/** The route table of a subnet: the one that names it, else its VPC's main one. All tables must be of that VPC. */
export function tableOf(subnetId: string, tables: readonly RouteTable[]): RouteTable | undefined {
  const own = tables.find(({ Associations = [] }) => Associations.some(({ SubnetId }) => SubnetId === subnetId));
  return own ?? tables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main));
}

/** What the route to everywhere leads to; undefined where there is none, or one whose target is gone. */
export function wayOut({ Routes = [] }: RouteTable): string | undefined {
  const route = Routes.find(
    ({ DestinationCidrBlock, State }) => DestinationCidrBlock === "0.0.0.0/0" && State !== "blackhole",
  );
  return route && targetOf(route);
}

function targetOf(route: Route): string | undefined {
  const { NatGatewayId, GatewayId, TransitGatewayId, NetworkInterfaceId, VpcPeeringConnectionId } = route;
  return (
    NatGatewayId ||
    GatewayId ||
    TransitGatewayId ||
    NetworkInterfaceId ||
    VpcPeeringConnectionId ||
    route.LocalGatewayId ||
    route.CarrierGatewayId ||
    route.InstanceId ||
    undefined
  );
}

/** Whether a way out is an internet gateway. */
export function isGateway(way: string | undefined): boolean {
  return way?.startsWith("igw-") === true;
}
