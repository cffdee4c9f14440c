import type { AwsView } from "./aws-view.ts";
import type { KeyChange } from "./key-change.ts";

/** Keys of the network. */

interface Network {
  vpcId: string;
  subnetIds: readonly string[];
}

const sorted = (ids: readonly string[]) => [...ids].sort();

/** Where the load balancer, its group, and the instances stand. */
function subnetsOf({ one }: AwsView) {
  return {
    loadBalancer: sorted(one("load-balancer").raw.AvailabilityZones.map(({ SubnetId = "" }) => SubnetId)),
    group: sorted(one("auto-scaling-group").raw.VPCZoneIdentifier.split(",")),
  };
}

export const subnets = (from: Network, to: Network): KeyChange => {
  const subnetIds: [unknown, unknown] = [sorted(from.subnetIds), sorted(to.subnetIds)];
  return {
    key: "network.subnetIds",
    to: to.subnetIds,
    planned: { "update load-balancer": { subnetIds }, "update auto-scaling-group": { subnetIds } },
    held: [subnetsOf, { loadBalancer: sorted(to.subnetIds), group: sorted(to.subnetIds) }],
  };
};

/** With `network.subnetIds`, which are in the VPC. */
export const vpc = (from: Network, to: Network): KeyChange => {
  const vpcId: [unknown, unknown] = [from.vpcId, to.vpcId];
  const unknown = "(known after deploy)";
  return {
    key: "network.vpcId",
    to: to.vpcId,
    planned: {
      "replace load-balancer-security-group": { vpcId },
      "replace instance-security-group": { vpcId },
      "replace load-balancer-security-group-rules": { groupId: [/^sg-/, unknown] },
      "replace instance-security-group-rules": { groupId: [/^sg-/, unknown] },
      "replace target-group": { vpcId },
      "replace load-balancer": { vpcId },
      "replace listener": { loadBalancerArn: [/^arn:/, unknown] },
      "update launch-template": { securityGroupIds: [[/^sg-/], [unknown]] },
      "replace auto-scaling-group": { targetGroupArns: [[/^arn:/], [unknown]] },
    },
    held: [
      (view) => ({
        ...subnetsOf(view),
        vpcs: ["load-balancer", "target-group", "instance"].map((kind) => view.one(kind).raw.VpcId),
        securityGroup: view.state["security-group"]?.find(({ id }) => id === view.template.SecurityGroupIds[0])?.raw
          .VpcId,
      }),
      {
        loadBalancer: sorted(to.subnetIds),
        group: sorted(to.subnetIds),
        vpcs: [to.vpcId, to.vpcId, to.vpcId],
        securityGroup: to.vpcId,
      },
    ],
  };
};
