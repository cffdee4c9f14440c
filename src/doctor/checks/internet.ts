import { isGateway, tableOf, wayOut } from "../../aws/route-tables.ts";
import { throwAny } from "../../failure.ts";
import type { Check } from "../check.ts";
import { readRouteTables, readSubnets } from "../reads.ts";
import { subnets, unfit } from "./network.ts";

/**
 * That visitors reach a load balancer in the config's subnets, and a builder there reaches package sources: the way to
 * everywhere leads to an internet gateway ("Public subnet", Amazon VPC user guide).
 */
export const internet: Check = {
  name: "internet",
  needs: [subnets],
  async look(ground) {
    const [aws, found, tables] = await Promise.all([ground.aws(), readSubnets(ground), readRouteTables(ground)]);
    const gateway = tables.map(wayOut).find(isGateway);
    const vpcId = found[0]?.VpcId;
    if (!gateway && aws.endpoint) {
      const detail = `no route table of ${vpcId} leads to an internet gateway; an emulator may do without`;
      return { state: "warning", detail };
    }
    const ways = found.map(({ SubnetId = "" }) => {
      const table = tableOf(SubnetId, tables);
      return { id: SubnetId, table: table?.RouteTableId ?? "", way: table && wayOut(table) };
    });
    const isPrivate = ({ way }: { way: string | undefined }) => !way || way.startsWith("nat-");
    throwAny(
      ways
        .filter(isPrivate)
        .map(({ id, table, way }) =>
          unfit(
            `The subnet ${id} is private, so that no visitor reaches a load balancer in it.`,
            `Its route table ${table} sends 0.0.0.0/0 ${way ? `to ${way}` : "nowhere"}, not to an internet gateway.`,
            `Set network.subnetIds to public subnets, or make it one: aws ec2 ${way ? "replace" : "create"}-route --route-table-id ${table} --destination-cidr-block 0.0.0.0/0 --gateway-id ${gateway ?? "igw-…"}`,
          ),
        ),
    );
    const roundabout = ways.filter(({ way }) => !isGateway(way)).map(({ id, way }) => `${id} through ${way}`);
    if (roundabout.length === 0) return `through ${[...new Set(ways.map(({ way }) => way))].join(", ")}`;
    return {
      state: "warning",
      detail: `${roundabout.join(", ")}: whether visitors come in there is not told by the route table`,
    };
  },
};
