import { homedir } from "node:os";
import path from "node:path";
import { explainAll } from "../aws/explain.ts";
import { Failure } from "../failure.ts";
import { quoted } from "../quoted.ts";
import { foldersOf } from "../sandbox/folders.ts";
import type { Session } from "../session.ts";
import { stackKey } from "../stack.ts";
import { isUp, type StackInstance } from "./instances.ts";
import { machinePid, machineProgram } from "./machine.ts";
import { sshSources } from "./open-port.ts";
import { isInstalled, type Program } from "./program.ts";
import { keyFileOf, loginUser, sshProgram, tidyKnownHosts } from "./ssh.ts";
import { openSsm, type Ssm } from "./ssm.ts";

/** How an instance, or what it tells, is reached: `machine` is the sandbox's own. */
export type WayName = "ssh" | "ssm" | "console" | "machine";

export interface WayOptions {
  way?: Exclude<WayName, "machine">;
  user?: string;
  identity?: string;
}

/** What a way is wanted for: a session on this terminal, or the output of a command. */
type Purpose = "shell" | "output";

interface Use {
  /** Undefined for a shell. */
  command: string | undefined;
  /** Whether nothing may be asked. */
  batch: boolean;
  /** Whether the command runs as root, which the login user of each system may do by sudo. */
  asRoot?: boolean;
}

export interface Ways {
  /** Those to be tried for something, best first. */
  order(purpose: Purpose | "log"): readonly WayName[];
  /** What keeps a way from being taken, as far as that is known without taking it; undefined where nothing does. */
  missing(way: WayName, instance: StackInstance, purpose: Purpose): Promise<string | undefined>;
  /** The program of this machine that runs a command there, or opens a shell. */
  program(way: "ssh" | "machine", instance: StackInstance, use: Use): Promise<Program>;
  ssm: Ssm;
}

/** The ways to the instances of a stack. */
export function openWays(session: Session, options: WayOptions): Ways {
  const { aws, sandbox } = session;
  const sources = sshSources(aws);
  const ssm = openSsm(aws);
  const users = new Map<string, Promise<string | undefined>>();
  const userOf = (instance: StackInstance): Promise<string | undefined> => {
    const user = users.get(instance.imageId) ?? Promise.resolve(options.user ?? loginUser(aws, instance));
    users.set(instance.imageId, user);
    return user;
  };
  // The public addresses of a sandbox lead nowhere, or to somebody else.
  const addressOf = (instance: StackInstance) => (sandbox ? instance.privateAddress : instance.publicAddress);
  const identityOf = ({ keyName }: StackInstance) => options.identity ?? keyFileOf(keyName);

  async function missingForSsh(instance: StackInstance): Promise<string | undefined> {
    const lacks = [
      !(await isInstalled("ssh")) && "this machine has no ssh (OpenSSH's client)",
      !instance.keyName && !options.identity && "it has no key pair (instances.keyName)",
      (await sources(instance.securityGroupIds)).length === 0 && "nobody may use SSH (instances.sshFrom)",
      !addressOf(instance) && "it has no public address",
      !(await userOf(instance)) && "its image does not tell whom it lets in (--user)",
    ];
    return lacks.filter(Boolean).join(", ") || undefined;
  }

  async function missingForSsm(instance: StackInstance, purpose: Purpose): Promise<string | undefined> {
    const agent = await ssm.agentOf(instance.id);
    if (agent === undefined && !instance.profile) return "it has no instance profile (instances.instanceProfile)";
    if (agent === undefined)
      return "SSM does not know it: its profile does not allow that, or its image has no SSM agent, like Debian's";
    if (agent !== "Online") return `its SSM agent is ${agent}`;
    if (purpose === "output") return undefined;
    if (sandbox) return "the sandbox's SSM runs commands and has no sessions";
    const programs = { aws: "the AWS CLI (aws)", "session-manager-plugin": "the AWS CLI's session-manager-plugin" };
    const looks = Object.entries(programs).map(async ([name, what]) => ((await isInstalled(name)) ? [] : what));
    const lacks = (await Promise.all(looks)).flat();
    return lacks.length ? `this machine lacks ${lacks.join(" and ")}` : undefined;
  }

  async function missing(way: WayName, instance: StackInstance, purpose: Purpose): Promise<string | undefined> {
    if (way === "console") return undefined;
    if (sandbox && !sandbox.machines) return "the sandbox runs without machines";
    if (!isUp(instance)) return `it is ${instance.state}`;
    if (way === "machine")
      return sandbox && (await machinePid(sandbox, instance.id)) !== undefined ? undefined : "its machine is off";
    try {
      return await (way === "ssh" ? missingForSsh(instance) : missingForSsm(instance, purpose));
    } catch (error) {
      // What one may not read is no way for one.
      const [why] = explainAll(error);
      if (!(why instanceof Failure)) throw error;
      return whyNot(why);
    }
  }

  async function program(way: "ssh" | "machine", instance: StackInstance, use: Use): Promise<Program> {
    const { command, batch, asRoot = false } = use;
    const isTerminal = !batch && process.stdin.isTTY === true && process.stdout.isTTY === true;
    if (way === "machine") {
      const pid = sandbox && (await machinePid(sandbox, instance.id));
      if (pid === undefined)
        throw noWayIn(instance, [["machine", "its machine is off"]], "Look again: multivac status");
      return machineProgram(pid, { command, asRoot, isTerminal });
    }
    return sshProgram({
      user: (await userOf(instance)) ?? "",
      address: addressOf(instance) ?? "",
      instanceId: instance.id,
      knownHosts: await knownHostsFile(session),
      identity: identityOf(instance),
      command: asRoot && command !== undefined ? `sudo -n sh -c ${quoted(command)}` : command,
      batch,
      isTerminal,
    });
  }

  return {
    order(purpose) {
      if (options.way) return [options.way];
      if (sandbox) return purpose === "log" && !sandbox.machines ? ["console"] : ["machine"];
      return purpose === "log" ? ["ssh", "ssm", "console"] : ["ssh", "ssm"];
    },
    missing,
    program,
    ssm,
  };
}

/** Where ssh keeps the keys of a stack's instances: in the user's state folder, or with the sandbox. */
async function knownHostsFile({ aws, stack, account, sandbox }: Session): Promise<string> {
  const name = `${await account()}-${aws.region}-${stackKey(stack)}`;
  const { XDG_STATE_HOME } = process.env;
  const folder = sandbox
    ? foldersOf(sandbox.id).state
    : path.join(XDG_STATE_HOME || path.join(homedir(), ".local", "state"), "multivac");
  return path.join(folder, "known_hosts", name);
}

/** To be called once with all instances there are, before ssh is used. */
export async function forgetGone(session: Session, instances: readonly StackInstance[]): Promise<void> {
  await tidyKnownHosts(await knownHostsFile(session), instances);
}

/** The first way that nothing is known to be missing for, and what is for those before it. */
export async function firstWay(
  ways: Ways,
  order: readonly WayName[],
  instance: StackInstance,
  purpose: Purpose,
): Promise<{ way: WayName | undefined; closed: [WayName, string][] }> {
  const closed: [WayName, string][] = [];
  for (const way of order) {
    const why = await ways.missing(way, instance, purpose);
    if (why === undefined) return { way, closed };
    closed.push([way, why]);
  }
  return { way: undefined, closed };
}

/** A failure as one reason among others. */
export function whyNot({ message, reason }: Failure): string {
  return [message.replace(/\.$/, ""), reason?.replace(/\.$/, "")].filter(Boolean).join(": ");
}

export function noWayIn(
  { id }: Pick<StackInstance, "id">,
  closed: readonly (readonly [WayName, string])[],
  fix: string,
): Failure {
  return new Failure({
    code: "no-way-in",
    message: `There is no way to ${id}.`,
    reason: closed.map(closedText).join("\n") || undefined,
    fix,
  });
}

const names: Record<WayName, string> = { ssh: "SSH", ssm: "SSM", console: "Console", machine: "Machine" };

/** `SSH: it has no key pair (instances.keyName)` */
export function closedText([way, why]: readonly [WayName, string]): string {
  return `${names[way]}: ${why}.`;
}
