import {
  CreateListenerCommand,
  DeleteListenerCommand,
  DescribeListenersCommand,
  DescribeTagsCommand,
  type Listener,
  ModifyListenerCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Aws } from "../aws/aws.ts";
import { onceKnown } from "../aws/not-yet-known.ts";
import { retagElb } from "../aws/retag.ts";
import { readTags, tagList } from "../aws/tags.ts";
import { errorCode, orMissing } from "../aws/wait.ts";
import type { Live, Resource } from "../engine/resource.ts";
import { madeByOthers } from "../engine/taken.ts";
import { isOwned, ownTags, type Tags } from "../stack.ts";
import { loadBalancer } from "./load-balancer.ts";
import { targetGroup } from "./target-group.ts";

interface Desired {
  loadBalancerArn: string;
  port: number;
  protocol: string;
  /** `forward <target group's ARN>`; anything else that somebody set is shown as AWS's type. */
  action: string;
  tags: Tags;
}

type ListenerLive = Desired & Live;

/** Sends what comes in on port 80 to the target group. */
export const listener: Resource<Desired, ListenerLive> = {
  resource: "listener",
  kind: "listener",
  dependsOn: [loadBalancer, targetGroup],
  immutable: ["loadBalancerArn"],

  async find({ aws, stack, at }) {
    const balancers = (await at(loadBalancer)).filter(({ tags }) => isOwned(stack, tags));
    const found = (await Promise.all(balancers.map(({ id }) => readListeners(aws, id)))).flat();
    return found.filter(({ tags, port }) => isOwned(stack, tags) || port === 80);
  },

  desired: ({ config, stack }, need) => ({
    loadBalancerArn: need(loadBalancer).id,
    port: 80,
    protocol: "HTTP",
    action: `forward ${need(targetGroup).id}`,
    tags: { ...config.tags, ...ownTags(stack, "listener") },
  }),

  async create({ aws, signal, stack }, desired) {
    const { port: Port, loadBalancerArn: LoadBalancerArn } = desired;
    try {
      const { Listeners = [] } = await onceKnown(
        () =>
          aws.elb.send(
            new CreateListenerCommand({
              LoadBalancerArn,
              Port,
              Protocol: "HTTP",
              DefaultActions: defaultActions(desired.action),
              Tags: tagList(desired.tags),
            }),
          ),
        signal,
      );
      return { ...desired, id: Listeners[0]?.ListenerArn ?? "" };
    } catch (error) {
      if (!errorCode(error).startsWith("DuplicateListener")) throw error;
      const [made] = (await readListeners(aws, LoadBalancerArn)).filter((candidate) => candidate.port === Port);
      if (!made) throw error;
      if (!isOwned(stack, made.tags)) throw madeByOthers("listener", `on port ${Port}`, made.id);
      return made;
    }
  },

  async update({ aws }, live, desired, changed) {
    await Promise.all([
      changed.some((field) => field !== "tags") &&
        aws.elb.send(
          new ModifyListenerCommand({
            ListenerArn: live.id,
            Port: desired.port,
            Protocol: "HTTP",
            DefaultActions: defaultActions(desired.action),
          }),
        ),
      changed.includes("tags") && retagElb(aws, live, desired.tags),
    ]);
    return { ...live, ...desired };
  },

  async delete({ aws }, live) {
    await orMissing(
      aws.elb.send(new DeleteListenerCommand({ ListenerArn: live.id })),
      "ListenerNotFound",
      "ListenerNotFoundException",
    );
  },

  state: () => "present",
};

function defaultActions(action: string) {
  return [{ Type: "forward" as const, TargetGroupArn: action.slice("forward ".length) }];
}

async function readListeners({ elb }: Aws, loadBalancerArn: string): Promise<ListenerLive[]> {
  const answer = await orMissing(
    elb.send(new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn })),
    "LoadBalancerNotFound",
    "LoadBalancerNotFoundException",
  );
  const listeners = answer?.Listeners ?? [];
  if (listeners.length === 0) return [];
  const ResourceArns = listeners.map(({ ListenerArn = "" }) => ListenerArn);
  const { TagDescriptions = [] } = await elb.send(new DescribeTagsCommand({ ResourceArns }));
  return listeners.map((found) => {
    const tags = TagDescriptions.find(({ ResourceArn }) => ResourceArn === found.ListenerArn)?.Tags;
    return { ...read(found), tags: readTags(tags) };
  });
}

function read(found: Listener): Omit<ListenerLive, "tags"> {
  const [action, ...more] = found.DefaultActions ?? [];
  const forward = action?.TargetGroupArn ?? action?.ForwardConfig?.TargetGroups?.[0]?.TargetGroupArn;
  return {
    id: found.ListenerArn ?? "",
    name: `port ${found.Port}`,
    loadBalancerArn: found.LoadBalancerArn ?? "",
    port: found.Port ?? 0,
    protocol: found.Protocol ?? "",
    action: action?.Type === "forward" && more.length === 0 ? `forward ${forward}` : `${action?.Type}`,
  };
}
