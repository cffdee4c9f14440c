import {
  DeleteNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  type NetworkInterface,
  paginateDescribeNetworkInterfaces,
} from "@aws-sdk/client-ec2";
import { tagIndexOf } from "../aws/tag-index.ts";
import { readTags, stackFilters } from "../aws/tags.ts";
import { tagsOf } from "../aws/tags-now.ts";
import { orMissing, whileRefused } from "../aws/wait.ts";
import type { Deletable, Live } from "../engine/resource.ts";
import { goingWithInstances } from "./builder.ts";
import { instance } from "./instance.ts";
import { otherSecurityGroup } from "./others.ts";
import { builderSecurityGroup, instanceSecurityGroup, loadBalancerSecurityGroup } from "./security-group.ts";

/** Network interfaces of instances; they go with them, but for those that a launch which failed has left. */
export const networkInterface: Deletable<Live> = {
  resource: "network-interface",
  kind: "network-interface",
  dependsOn: [loadBalancerSecurityGroup, instanceSecurityGroup, builderSecurityGroup, otherSecurityGroup],
  deletedAfter: [instance],

  async find(look) {
    const { aws, stack } = look;
    const [index, going] = await Promise.all([tagIndexOf(look), goingWithInstances(look)]);
    if (![...(index.get("network-interface") ?? [])].some((id) => !going.has(id))) return [];
    const found: NetworkInterface[] = [];
    const pages = paginateDescribeNetworkInterfaces({ client: aws.ec2 }, { Filters: stackFilters(stack) });
    for await (const page of pages) found.push(...(page.NetworkInterfaces ?? []));
    const left = found.filter(({ NetworkInterfaceId = "" }) => !going.has(NetworkInterfaceId));
    return left.map(({ NetworkInterfaceId = "", TagSet }) => ({ id: NetworkInterfaceId, tags: readTags(TagSet) }));
  },

  /** EC2 calls one that is attached "currently in use" (`InvalidParameterValue`). */
  async delete({ aws, signal, progress }, { id }) {
    await whileRefused(
      () =>
        orMissing(
          aws.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id })),
          "InvalidNetworkInterfaceID.NotFound",
        ),
      ["InvalidParameterValue", "InvalidNetworkInterface.InUse"],
      { limitSeconds: 300, signal, progress, waiting: () => progress("waiting for its instance to let go of it") },
    );
  },

  tagsNow: ({ ec2 }, { id }) =>
    tagsOf(ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] })), {
      list: "NetworkInterfaces",
      field: "NetworkInterfaceId",
      id,
    }),
};
