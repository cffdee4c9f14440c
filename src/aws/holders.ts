import {
  DescribeNetworkInterfacesCommand,
  type NetworkInterface,
  paginateDescribeSecurityGroups,
} from "@aws-sdk/client-ec2";
import { DescribeLoadBalancersCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Doing } from "../engine/resource.ts";
import { isOwned } from "../stack.ts";
import type { Aws } from "./aws.ts";
import { readTags } from "./tags.ts";
import { elbTagsNow, instanceStateNow } from "./tags-now.ts";
import { orMissing } from "./wait.ts";
import type { Holder } from "./while-held.ts";

/** Whose what holds something may be, to tell whether it goes. */
export type Whose = Pick<Doing, "aws" | "stack" | "goes">;

/** What holds a security group: network interfaces, and the rules of other groups that name it. */
export async function holdersOfGroup(whose: Whose, groupId: string): Promise<Holder[]> {
  const { aws } = whose;
  const Filters = [{ Name: "group-id", Values: [groupId] }];
  const [{ NetworkInterfaces = [] }, ...naming] = await Promise.all([
    aws.ec2.send(new DescribeNetworkInterfacesCommand({ Filters })),
    groupsNaming(whose, groupId, "ip-permission.group-id"),
    groupsNaming(whose, groupId, "egress.ip-permission.group-id"),
  ]);
  const interfaces = await Promise.all(NetworkInterfaces.map((one) => ofInterface(whose, one)));
  return [...interfaces, ...naming.flat()];
}

/** Whether a load balancer is gone, going, or somebody else's. */
export async function holderBalancer({ aws, stack, goes }: Whose, arn: string): Promise<Holder | undefined> {
  const tags = await elbTagsNow(aws, { id: arn });
  const name = arn.split("/").at(-2);
  // AWS makes none by itself: one that was not seen is a later round's.
  const stays = staysOf(isOwned(stack, tags ?? {}), goes(arn) ?? false);
  return tags && { id: arn, text: `load balancer ${name}`, stays };
}

async function ofInterface(whose: Whose, one: NetworkInterface): Promise<Holder> {
  const { aws, stack, goes } = whose;
  const { NetworkInterfaceId: id = "", Attachment, Description, TagSet, Status } = one;
  const elb = balancerOf(one);
  if (elb) {
    const arn = await balancerArn(aws, elb);
    const balancer = arn && (await holderBalancer(whose, arn));
    const text = `${id} of load balancer ${elb.split("/")[1]}${balancer ? "" : ", which is gone"}`;
    return { id, text, stays: balancer ? balancer.stays : false };
  }
  if (Attachment?.InstanceId) {
    const instance = await instanceStateNow(aws, Attachment.InstanceId);
    const ending = !instance || /^(shutting-down|terminated)$/.test(instance.state);
    const text = `${id} of instance ${Attachment.InstanceId}${ending ? ", which is ending" : ""}`;
    return { id, text, stays: ending ? false : staysOf(isOwned(stack, instance.tags), goes(Attachment.InstanceId)) };
  }
  // One that is attached to nothing may be that of an instance that has just ended.
  const stays = isOwned(stack, readTags(TagSet)) ? false : Status === "in-use" ? true : "unknown";
  return { id, text: `${id} (${Description || "no description"})`, stays };
}

/** `app/<name>/<id>` of the load balancer that an interface is of, be it detached already; undefined for any other. */
export function balancerOf({ Attachment, Description, RequesterId }: NetworkInterface): string | undefined {
  const byElb = Attachment ? Attachment.InstanceOwnerId === "amazon-elb" : RequesterId === "amazon-elb";
  return byElb ? /^ELB ((?:app|net|gwy)\/[^/]+\/\w+)$/.exec(Description ?? "")?.[1] : undefined;
}

/** Whether what holds something stays: what is the stack's and was not seen before may be of what goes, and go with it. */
export function staysOf(isOurs: boolean, goes: boolean | undefined): Holder["stays"] {
  if (!isOurs) return true;
  return goes === undefined ? "unknown" : !goes;
}

async function balancerArn({ elb }: Aws, path: string): Promise<string | undefined> {
  const found = await orMissing(
    elb.send(new DescribeLoadBalancersCommand({ Names: [path.split("/")[1] ?? ""] })),
    "LoadBalancerNotFound",
    "LoadBalancerNotFoundException",
  );
  return found?.LoadBalancers?.map(({ LoadBalancerArn = "" }) => LoadBalancerArn).find((arn) => arn.endsWith(path));
}

async function groupsNaming({ aws, stack }: Whose, groupId: string, filter: string): Promise<Holder[]> {
  const Filters = [{ Name: filter, Values: [groupId] }];
  const found: Holder[] = [];
  for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client: aws.ec2 }, { Filters })) {
    for (const { GroupId: id = "", GroupName, Tags } of SecurityGroups) {
      if (id === groupId) continue;
      const text = `a rule of security group ${id} (${GroupName})`;
      found.push({ id, text, stays: !isOwned(stack, readTags(Tags)) });
    }
  }
  return found;
}
