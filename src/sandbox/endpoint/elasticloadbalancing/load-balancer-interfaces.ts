import {
  CreateNetworkInterfaceCommand,
  DeleteNetworkInterfaceCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  type Subnet,
} from "@aws-sdk/client-ec2";
import { blockOf, toAddress } from "../addresses.ts";
import type { LoadBalancer } from "./topology.ts";

/** The network interfaces that Elastic Load Balancing keeps in the user's subnets, one a subnet. */
export interface LoadBalancerInterfaces {
  create(loadBalancer: LoadBalancer): Promise<void>;
  setGroups(loadBalancer: LoadBalancer): Promise<void>;
  delete(loadBalancer: LoadBalancer): Promise<void>;
  /** True for an interface that belongs to a load balancer, also one that is deleted and lingers. */
  owns(interfaceId: string): boolean;
  clear(): void;
}

export function createLoadBalancerInterfaces(ec2: EC2Client): LoadBalancerInterfaces {
  const owned = new Set<string>();
  let made = 0;

  /** Load balancers take their addresses from the end of a subnet; instances take theirs from its start. */
  function addressIn({ CidrBlock = "" }: Subnet): string {
    const { first, size } = blockOf(CidrBlock);
    made += 1;
    return toAddress(first + size - 2 - (made % Math.floor(size / 4)));
  }

  return {
    async create(loadBalancer) {
      const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: loadBalancer.subnets }));
      for (const subnet of Subnets) {
        const { NetworkInterface } = await ec2.send(
          new CreateNetworkInterfaceCommand({
            SubnetId: subnet.SubnetId,
            PrivateIpAddress: addressIn(subnet),
            Groups: loadBalancer.securityGroups,
            Description: `ELB ${loadBalancer.arn.split(":loadbalancer/")[1]}`,
          }),
        );
        const id = NetworkInterface?.NetworkInterfaceId ?? "";
        owned.add(id);
        loadBalancer.interfaceIds.push(id);
      }
    },
    async setGroups({ interfaceIds, securityGroups }) {
      for (const NetworkInterfaceId of interfaceIds) {
        await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: securityGroups }));
      }
    },
    async delete(loadBalancer) {
      for (const NetworkInterfaceId of loadBalancer.interfaceIds.splice(0)) {
        await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId })).catch(() => {});
        owned.delete(NetworkInterfaceId);
      }
    },
    owns: (id) => owned.has(id),
    clear: () => owned.clear(),
  };
}
