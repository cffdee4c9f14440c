import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { DescribeImagesCommand, type Image } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { baseImages } from "../aws/base-image.ts";
import { readTags } from "../aws/tags.ts";
import { orMissing } from "../aws/wait.ts";
import type { StackInstance } from "./instances.ts";
import type { Program } from "./program.ts";

export interface SshCall {
  user: string;
  address: string;
  instanceId: string;
  /** The file of the hosts' keys; the stack's own. */
  knownHosts: string;
  identity: string | undefined;
  /** A command line of the instance's shell; undefined for a shell. */
  command: string | undefined;
  /** Whether ssh may ask for nothing: a passphrase, a password. */
  batch: boolean;
  /** Whether a command gets a terminal too. */
  isTerminal: boolean;
}

/**
 * OpenSSH by the user's own settings, agent and keys. A host is known by its instance's id: an address that AWS gives to
 * another instance later is no reason for alarm, and another key of the same instance is.
 */
export function sshProgram(call: SshCall): Program {
  const { user, address, instanceId, knownHosts, identity, command, batch, isTerminal } = call;
  const options = {
    HostKeyAlias: instanceId,
    UserKnownHostsFile: `"${knownHosts}"`,
    StrictHostKeyChecking: "accept-new",
    CheckHostIP: "no",
    HashKnownHosts: "no",
    ConnectTimeout: "10",
    ServerAliveInterval: "15",
    ServerAliveCountMax: "3",
    LogLevel: "ERROR",
    ...(batch ? { BatchMode: "yes" } : {}),
    // Else the agent's keys come first, and sshd hangs up after six.
    ...(identity ? { IdentitiesOnly: "yes" } : {}),
  };
  return {
    file: "ssh",
    args: [
      ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
      ...(identity ? ["-i", identity] : []),
      ...(isTerminal && command !== undefined ? ["-t"] : []),
      "-l",
      user,
      address,
      ...(command === undefined ? [] : ["--", command]),
    ],
  };
}

/** The private key that is named as EC2's key pair is, where ssh does not look for it by itself; undefined where there is none. */
export function keyFileOf(keyName: string | undefined): string | undefined {
  if (!keyName || keyName !== path.basename(keyName)) return undefined;
  const folder = path.join(homedir(), ".ssh");
  return [keyName, `${keyName}.pem`].map((name) => path.join(folder, name)).find(existsSync);
}

/** Drops the keys of instances that are gone. What cannot be written ssh tells by itself. */
export async function tidyKnownHosts(file: string, instances: readonly StackInstance[]): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const lines = (await readFile(file, "utf8")).split("\n").filter(Boolean);
    const kept = lines.filter((line) => instances.some(({ id }) => line.startsWith(`${id} `)));
    if (kept.length < lines.length) await writeFile(file, kept.map((line) => `${line}\n`).join(""), { mode: 0o600 });
  } catch {
    // There is none yet, or no place for one.
  }
}

/** The user that the system's publisher lets in by key; undefined where the image tells no system that is known. */
export async function loginUser(
  { ec2 }: Pick<Aws, "ec2">,
  { imageId }: Pick<StackInstance, "imageId">,
): Promise<string | undefined> {
  const answer = ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
  const missing = ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidAMIID.Malformed"];
  const image = (await orMissing(answer, ...missing))?.Images?.[0];
  return image && userOf(image);
}

function userOf({ Tags, OwnerId, ImageOwnerAlias, Name = "" }: Image): string | undefined {
  const { "multivac:os": os = "" } = readTags(Tags);
  if (os in baseImages) return baseImages[os as keyof typeof baseImages].sshUser;
  const publisher = Object.values(baseImages).find(
    ({ owners }) => owners !== "amazon" && Object.values(owners).includes(OwnerId ?? ""),
  );
  if (publisher) return publisher.sshUser;
  // Shown as Amazon's are images of all kinds, also those of publishers that it has verified; these are Amazon Linux.
  const isAmazonLinux = ImageOwnerAlias === "amazon" && /^(al2023|amzn2)-/.test(Name);
  return isAmazonLinux ? baseImages["amazon-linux-2023"].sshUser : undefined;
}
