import { DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { Failure, throwAny } from "../../failure.ts";
import { type LoadBalancerLive, loadBalancer } from "../../resources/load-balancer.ts";
import type { Check } from "../check.ts";
import { readSubnets } from "../reads.ts";
import { account } from "./settings.ts";

export const vpc: Check = {
  name: "vpc",
  needs: [account],
  async look(ground) {
    const [aws, loaded] = await Promise.all([ground.aws(), ground.loaded()]);
    const { vpcId } = loaded.config.network;
    const Filters = [{ Name: "vpc-id", Values: [vpcId] }];
    const { Vpcs = [] } = await aws.ec2.send(new DescribeVpcsCommand({ Filters }));
    if (Vpcs[0]) return `${vpcId}, ${Vpcs[0].CidrBlock}`;
    throw unfit(
      `There is no VPC ${vpcId} in ${aws.region} of this account.`,
      "network.vpcId names it, and a VPC is of one account and region.",
      "Set network.vpcId, and subnets of it, or the right region or profile; they are listed by: aws ec2 describe-vpcs",
    );
  },
};

/** That the config's subnets are there, and in its VPC. */
export const subnets: Check = {
  name: "subnets",
  needs: [account],
  async look(ground) {
    const [aws, loaded, found] = await Promise.all([ground.aws(), ground.loaded(), readSubnets(ground)]);
    const { vpcId, subnetIds } = loaded.config.network;
    const list = `aws ec2 describe-subnets --filters Name=vpc-id,Values=${vpcId}`;
    const missing = subnetIds.filter((id) => !found.some(({ SubnetId }) => SubnetId === id));
    const elsewhere = found.filter(({ VpcId }) => VpcId !== vpcId);
    throwAny([
      ...missing.map((id) =>
        unfit(
          `There is no subnet ${id} in ${aws.region} of this account.`,
          "network.subnetIds names it, and a subnet is of one account and region.",
          `Set network.subnetIds to subnets that there are: ${list}`,
        ),
      ),
      ...elsewhere.map(({ SubnetId, VpcId }) =>
        unfit(
          `The subnet ${SubnetId} lies in ${VpcId}, not in network.vpcId, ${vpcId}.`,
          "All of a stack is in one VPC.",
          `Set network.subnetIds to subnets of that VPC, or network.vpcId to theirs: ${list}`,
        ),
      ),
    ]);
    return found.map(({ SubnetId, CidrBlock }) => `${SubnetId} (${CidrBlock})`).join(", ");
  },
};

/** That each of them lies in an Availability Zone of its own (ELBv2 API reference, CreateLoadBalancer). */
export const zones: Check = {
  name: "zones",
  needs: [subnets],
  async look(ground) {
    const found = await readSubnets(ground);
    const byZone = new Map<string, string[]>();
    for (const { SubnetId = "", AvailabilityZone = "" } of found)
      byZone.set(AvailabilityZone, [...(byZone.get(AvailabilityZone) ?? []), SubnetId]);
    throwAny(
      [...byZone].flatMap(([zone, ids]) =>
        ids.length > 1
          ? unfit(
              `The subnets ${ids.join(", ")} lie in one zone, ${zone}.`,
              "A load balancer takes one subnet of a zone, and needs two zones.",
              "Set network.subnetIds to subnets in different Availability Zones.",
            )
          : [],
      ),
    );
    return [...byZone.keys()].join(", ");
  },
};

/** Free addresses that a load balancer needs in each subnet, and how large that is for it to grow ("Subnets for your load balancer"). */
const addressesNeeded = 8;
const smallestPrefix = 27;

export const addresses: Check = {
  name: "addresses",
  needs: [subnets],
  async look(ground) {
    const [found, seen] = await Promise.all([readSubnets(ground), ground.seen()]);
    const [balancer] = (seen.get(loadBalancer)?.owned ?? []) as LoadBalancerLive[];
    const free = found.map(({ SubnetId = "", AvailableIpAddressCount = 0, CidrBlock = "" }) => ({
      id: SubnetId,
      count: AvailableIpAddressCount,
      small: Number(CidrBlock.split("/")[1]) > smallestPrefix,
    }));
    const few = free.filter(({ count }) => count < addressesNeeded);
    const fix = "Set network.subnetIds to larger subnets, or free addresses of them: delete what is not needed there.";
    // One that is there has its own, and wants more only to grow.
    const wanting = few.filter(({ id }) => !balancer?.subnetIds.includes(id));
    throwAny(
      wanting.map(({ id, count }) =>
        unfit(
          `The subnet ${id} has ${count} free addresses.`,
          `A load balancer needs ${addressesNeeded} in each of its subnets.`,
          fix,
        ),
      ),
    );
    const detail = free.map(({ id, count }) => `${count} free in ${id}`).join(", ");
    if (few.length > 0)
      return { state: "warning", detail: `${detail}; to grow, the load balancer needs ${addressesNeeded}`, fix };
    const small = free.filter((each) => each.small).map(({ id }) => id);
    if (small.length === 0) return detail;
    const limits = `smaller than /${smallestPrefix}, which a load balancer needs to grow: ${small.join(", ")}`;
    return { state: "warning", detail: `${detail}; ${limits}`, fix: "Set network.subnetIds to larger subnets." };
  },
};

/** The config's network cannot carry a stack. */
export function unfit(message: string, reason: string, fix: string): Failure {
  return new Failure({ code: "network-unfit", message, reason, fix });
}
