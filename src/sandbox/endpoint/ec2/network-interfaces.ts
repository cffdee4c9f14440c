import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import type { MotoRead } from "../moto-read.ts";
import { parametersOf } from "../parameters.ts";
import { type Element, element, elements, text } from "../xml.ts";
import { type FilterFields, filtered } from "./filters.ts";
import { only, page } from "./pages.ts";

interface NetworkInterfacesParts {
  motoRead: MotoRead;
  /** Load balancers' own network interfaces. */
  interfaces: { owns(interfaceId: string): boolean };
}

/** Network interfaces: those of load balancers are attached by Elastic Load Balancing and nobody else's to delete. */
export function networkInterfaces({ motoRead, interfaces }: NetworkInterfacesParts): Handler[] {
  return [
    {
      service: "ec2",
      action: "DescribeNetworkInterfaces",
      async instead(call) {
        const form = call.form as URLSearchParams;
        const parameters = parametersOf(call);
        const asked = only(form, ["NetworkInterfaceId"]);
        const { networkInterfaceSet } = await motoRead("ec2", "DescribeNetworkInterfaces", asked);
        const found = elements(networkInterfaceSet);
        for (const one of found) complete(one, interfaces.owns(text(one.networkInterfaceId)));
        const { items, nextToken } = page(filtered(found, parameters, fields), parameters);
        return { networkInterfaceSet: items, nextToken };
      },
    },
    {
      service: "ec2",
      action: "DeleteNetworkInterface",
      async before(call) {
        const id = parametersOf(call).text("NetworkInterfaceId");
        const { networkInterfaceSet } = await motoRead("ec2", "DescribeNetworkInterfaces", {
          "NetworkInterfaceId.1": id,
        });
        const [one = {}] = elements(networkInterfaceSet);
        if (interfaces.owns(id) || text(element(one.attachment).attachmentId)) {
          throw new AwsError("InvalidParameterValue", `Network interface '${id}' is currently in use.`);
        }
      },
    },
  ];
}

function complete(one: Element, ofLoadBalancer: boolean): void {
  if (!ofLoadBalancer) {
    if (text(element(one.attachment).instanceId)) element(one.attachment).deleteOnTermination = true;
    one.requesterId = undefined;
    return;
  }
  Object.assign(one, {
    status: "in-use",
    requesterId: "amazon-elb",
    requesterManaged: true,
    attachment: {
      attachmentId: `ela-attach-${text(one.networkInterfaceId).slice("eni-".length)}`,
      instanceOwnerId: "amazon-elb",
      deviceIndex: 1,
      status: "attached",
      deleteOnTermination: false,
    },
  });
}

const one =
  (name: string) =>
  (item: Element): string[] => [text(item[name])];
const attachment =
  (name: string) =>
  (item: Element): string[] => [text(element(item.attachment)[name])];
const group =
  (name: string) =>
  (item: Element): string[] =>
    elements(item.groupSet).map((one) => text(one[name]));

const fields: FilterFields = {
  "addresses.private-ip-address": (item) =>
    elements(item.privateIpAddressesSet).map(({ privateIpAddress }) => text(privateIpAddress)),
  "attachment.attachment-id": attachment("attachmentId"),
  "attachment.delete-on-termination": attachment("deleteOnTermination"),
  "attachment.device-index": attachment("deviceIndex"),
  "attachment.instance-id": attachment("instanceId"),
  "attachment.instance-owner-id": attachment("instanceOwnerId"),
  "attachment.status": attachment("status"),
  "availability-zone": one("availabilityZone"),
  description: one("description"),
  "group-id": group("groupId"),
  "group-name": group("groupName"),
  "interface-type": one("interfaceType"),
  "mac-address": one("macAddress"),
  "network-interface-id": one("networkInterfaceId"),
  "owner-id": one("ownerId"),
  "private-ip-address": one("privateIpAddress"),
  "requester-id": one("requesterId"),
  "requester-managed": one("requesterManaged"),
  status: one("status"),
  "subnet-id": one("subnetId"),
  "vpc-id": one("vpcId"),
};
