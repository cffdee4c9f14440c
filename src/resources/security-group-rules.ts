import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { onceKnown } from "../aws/not-yet-known.ts";
import { errorCode } from "../aws/wait.ts";
import type { Live, Making, Need, Part, Resource } from "../engine/resource.ts";
import type { Inputs } from "../inputs.ts";
import { autoScalingGroup } from "./auto-scaling-group.ts";
import {
  groupTagsNow,
  instanceSecurityGroup,
  loadBalancerSecurityGroup,
  type SecurityGroupLive,
} from "./security-group.ts";
import { revokeRulesToGroups } from "./security-group-deletion.ts";

/** Rules as one line each, sorted: `tcp 80 from 0.0.0.0/0`, `tcp 8080 to sg-…`. */
interface Desired {
  groupId: string;
  ingress: readonly string[];
  egress: readonly string[];
}

interface RulesLive extends Desired, Live {
  /** The group as EC2 tells of it. */
  group: SecurityGroupLive;
}

/** Everybody the config allows may come in; out it goes only to the instances. */
export const loadBalancerSecurityGroupRules = securityGroupRules(
  "load-balancer-security-group-rules",
  loadBalancerSecurityGroup,
  ({ config }, need) => ({
    ingress: config.loadBalancer.allowFrom.map((network) => `tcp 80 ${network}`),
    egress: [`tcp ${appPort(config)} ${need(instanceSecurityGroup).id}`],
  }),
);

/**
 * In: the app's port from the load balancer, SSH from the config's networks. Out: anywhere by IPv4, which a new group
 * lets out already, or only where the config says. Amazon's own DNS, time and metadata services are never filtered
 * (EC2 user guide, "Security group rules").
 */
export const instanceSecurityGroupRules = securityGroupRules(
  "instance-security-group-rules",
  instanceSecurityGroup,
  ({ config }, need) => ({
    ingress: [
      `tcp ${appPort(config)} ${need(loadBalancerSecurityGroup).id}`,
      ...config.instances.sshFrom.map((network) => `tcp 22 ${network}`),
    ],
    egress: config.instances.allowTo ?? ["all - 0.0.0.0/0"],
  }),
);

function appPort({ app }: Inputs["config"]): number {
  return app?.port ?? 80;
}

/**
 * The rules of one group: a step of its own, because two groups that name each other must both be there first, and
 * neither can be deleted before the other's rule is. The rest goes with the group.
 */
function securityGroupRules(
  resource: string,
  group: Part<SecurityGroupLive>,
  rules: (inputs: Inputs, need: Need) => Omit<Desired, "groupId">,
): Resource<Desired, RulesLive> {
  return {
    resource,
    kind: "security-group-rules",
    dependsOn: [loadBalancerSecurityGroup, instanceSecurityGroup],
    deletedAfter: [autoScalingGroup],

    async find(look) {
      return (await look.at(group)).map(read);
    },

    desired(inputs, need) {
      const { ingress, egress } = rules(inputs, need);
      return { groupId: need(group).id, ingress: [...ingress].sort(), egress: [...egress].sort() };
    },
    immutable: ["groupId"],

    create: (making, desired) => sync(making, read(making.need(group)), desired),
    update: (making, live, desired) => sync(making, live, desired),
    letGo: (doing, { group: live }) => revokeRulesToGroups(doing, live),
    tagsNow: groupTagsNow,
    trim: (making, live, desired) => revoke(making, live, desired, betweenGroups),
    state: () => "present",
  };
}

function read(group: SecurityGroupLive): RulesLive {
  const { id, tags, ingress, egress } = group;
  return { id, tags, group, groupId: id, ingress: ingress.flatMap(lines).sort(), egress: egress.flatMap(lines).sort() };
}

/** A rule between the stack's groups: instances on their way out still need it. */
const betweenGroups = (rule: string) => rule.includes(" sg-");

/**
 * Lets new traffic through, then stops what may no longer come or go; rules between the groups stay until the end. Where
 * a group has no room for both, it is the other way round: EC2 counts all rules of a direction, 60 of them by default
 * ("Amazon VPC quotas").
 */
async function sync(making: Making, live: RulesLive, desired: Desired): Promise<RulesLive> {
  const { ec2 } = making.aws;
  const GroupId = live.id;
  const authorize = async (
    have: readonly string[],
    want: readonly string[],
    send: (rules: IpPermission[]) => Promise<unknown>,
  ) => {
    const missing = want.filter((rule) => !have.includes(rule)).map(permission);
    await settle(missing, (rules) => onceKnown(() => send(rules), making), "InvalidPermission.Duplicate");
  };
  const authorizeAll = async () => {
    await Promise.all([
      authorize(live.ingress, desired.ingress, (IpPermissions) =>
        ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })),
      ),
      authorize(live.egress, desired.egress, (IpPermissions) =>
        ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions })),
      ),
    ]);
  };
  const stop = () => revoke(making, live, desired, (rule) => !betweenGroups(rule));
  const isFull = await authorizeAll().then(
    () => false,
    (error) => {
      if (errorCode(error) !== "RulesPerSecurityGroupLimitExceeded") throw error;
      return true;
    },
  );
  await stop();
  if (isFull) await authorizeAll();
  const kept = (have: readonly string[], want: readonly string[]) =>
    [...new Set([...want, ...have.filter(betweenGroups)])].sort();
  return {
    ...live,
    ...desired,
    ingress: kept(live.ingress, desired.ingress),
    egress: kept(live.egress, desired.egress),
  };
}

/** Revokes the rules that are there, not wanted, and among `which`. */
async function revoke(
  doing: Pick<Making, "aws" | "signal" | "progress">,
  live: RulesLive,
  desired: Desired,
  which: (rule: string) => boolean,
): Promise<void> {
  const { ec2 } = doing.aws;
  const GroupId = live.id;
  const extra = (have: readonly string[], want: readonly string[]) =>
    have.filter((rule) => !want.includes(rule) && which(rule)).map(permission);
  const ingress = extra(live.ingress, desired.ingress);
  const egress = extra(live.egress, desired.egress);
  const gone = "InvalidPermission.NotFound";
  await Promise.all([
    settle(
      ingress,
      (IpPermissions) =>
        onceKnown(() => ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions })), doing),
      gone,
    ),
    settle(
      egress,
      (IpPermissions) =>
        onceKnown(() => ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions })), doing),
      gone,
    ),
  ]);
}

/** Sends rules in one call; one by one where AWS refuses them all, by the code `already`, for one that needs nothing. */
async function settle(
  rules: IpPermission[],
  send: (rules: IpPermission[]) => Promise<unknown>,
  already: string,
): Promise<void> {
  if (rules.length === 0) return;
  try {
    await send(rules);
  } catch (error) {
    if (errorCode(error) !== already) throw error;
    if (rules.length > 1) for (const rule of rules) await settle([rule], send, already);
  }
}

/** AWS's permission, one line for each peer: `tcp 80 0.0.0.0/0`, `tcp 8000-8010 sg-…`, `all - ::/0`. */
function lines(rule: IpPermission): string[] {
  const protocol = rule.IpProtocol === "-1" ? "all" : (rule.IpProtocol ?? "");
  const ports =
    rule.FromPort === undefined || protocol === "all"
      ? "-"
      : rule.FromPort === rule.ToPort
        ? `${rule.FromPort}`
        : `${rule.FromPort}-${rule.ToPort}`;
  const peers = [
    ...(rule.IpRanges ?? []).map(({ CidrIp }) => CidrIp),
    ...(rule.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6),
    ...(rule.UserIdGroupPairs ?? []).map(({ GroupId }) => GroupId),
    ...(rule.PrefixListIds ?? []).map(({ PrefixListId }) => PrefixListId),
  ];
  return peers.map((peer) => `${protocol} ${ports} ${peer}`);
}

/** The permission that a line stands for. */
function permission(line: string): IpPermission {
  const [protocol = "", ports = "", peer = ""] = line.split(" ");
  const [from, to = from] = ports === "-" ? [] : ports.split(/(?<=\d)-/).map(Number);
  return {
    IpProtocol: protocol === "all" ? "-1" : protocol,
    ...(from === undefined || to === undefined ? {} : { FromPort: from, ToPort: to }),
    ...(peer.startsWith("sg-") ? { UserIdGroupPairs: [{ GroupId: peer }] } : {}),
    ...(peer.startsWith("pl-") ? { PrefixListIds: [{ PrefixListId: peer }] } : {}),
    ...(peer.includes("/")
      ? peer.includes(":")
        ? { Ipv6Ranges: [{ CidrIpv6: peer }] }
        : { IpRanges: [{ CidrIp: peer }] }
      : {}),
  };
}
