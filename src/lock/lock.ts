import { randomUUID } from "node:crypto";
import {
  CreateLaunchTemplateCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
  type LaunchTemplate,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { readTags, tagList } from "../aws/tags.ts";
import { errorCode, orMissing, waitFor } from "../aws/wait.ts";
import { madeByOthers } from "../engine/taken.ts";
import { isOwned, lockName, ownTags, type Stack, type Tags } from "../stack.ts";
import type { Holder } from "./holder.ts";

/**
 * The lock of a stack: a launch template without use but its name, of which EC2 lets only one be made. Its tags tell
 * who holds it, and carry the heartbeat.
 */
export interface Lock {
  /** EC2's id; a lock is freed by this alone, so that nobody frees the one that came after. */
  id: string;
  /** Tells which run's it is, also where the answer to its creation was lost. */
  token: string;
  holder: Holder;
  /** Changes as long as the holder lives. */
  heartbeat: string;
}

/** Makes the lock; undefined when there is one, which may be this run's where its `token` says so. `tags` are the user's. */
export async function createLock(
  { ec2 }: Aws,
  stack: Stack,
  { holder, token, tags }: { holder: Holder; token: string; tags: Tags },
): Promise<Lock | undefined> {
  const lock = { token, holder, heartbeat: holder.since };
  try {
    const { LaunchTemplate } = await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: lockName(stack),
        // Of this call alone: AWS would answer a later one with what the first has made, be it gone meanwhile.
        ClientToken: randomUUID(),
        VersionDescription: "a lock of multivac, free it with: multivac unlock",
        LaunchTemplateData: { InstanceInitiatedShutdownBehavior: "terminate" },
        TagSpecifications: [
          {
            ResourceType: "launch-template",
            Tags: tagList(withUsers(tags, { ...ownTags(stack, "lock"), ...lockTags(lock) })),
          },
        ],
      }),
    );
    return { ...lock, id: LaunchTemplate?.LaunchTemplateId ?? "" };
  } catch (error) {
    if (errorCode(error) !== "InvalidLaunchTemplateName.AlreadyExistsException") throw error;
    return undefined;
  }
}

/** Who holds the stack's lock; undefined when nobody does. */
export async function readLock({ ec2 }: Aws, stack: Stack, signal?: AbortSignal): Promise<Lock | undefined> {
  const command = new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [lockName(stack)] });
  const answer = await orMissing(
    ec2.send(command, signal ? { abortSignal: signal } : {}),
    "InvalidLaunchTemplateName.NotFoundException",
    "InvalidLaunchTemplateId.NotFound",
  );
  return lockOf(stack, answer?.LaunchTemplates?.[0]);
}

/** The lock that a launch template is; undefined without one. Throws a `Failure` when it is not the stack's. */
export function lockOf(stack: Stack, found: LaunchTemplate | undefined): Lock | undefined {
  if (!found?.LaunchTemplateId) return undefined;
  const tags = readTags(found.Tags);
  if (!isOwned(stack, tags)) throw madeByOthers("launch-template", lockName(stack), found.LaunchTemplateId);
  return {
    id: found.LaunchTemplateId,
    token: tags["multivac:lock"] ?? "",
    holder: {
      owner: tags["multivac:owner"] ?? "somebody",
      host: tags["multivac:host"] ?? "",
      command: tags["multivac:command"] ?? "",
      run: tags["multivac:run"],
      process: tags["multivac:process"] ?? "",
      since: tags["multivac:since"] ?? "",
    },
    heartbeat: tags["multivac:heartbeat"] ?? "",
  };
}

/** How long EC2 may not know a lock that was just made, in seconds. */
const unknownSeconds = 10;

/** Frees a lock by its id; one that is gone is free, and one so young that EC2 may not know it yet is waited for. */
export async function freeLock(aws: Aws, stack: Stack, { id, holder }: Lock): Promise<void> {
  const begin = performance.now();
  const isYoung = Date.now() - Date.parse(holder.since) < 60_000;
  const free = async () => {
    const freed = await orMissing(
      aws.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id })),
      "InvalidLaunchTemplateId.NotFound",
      "InvalidLaunchTemplateId.NotFoundException",
    );
    if (freed) return true;
    const now = await readLock(aws, stack);
    if (now) return now.id === id ? undefined : true;
    return isYoung && performance.now() - begin < unknownSeconds * 1000 ? undefined : true;
  };
  await waitFor(free, { limitSeconds: 30 });
}

/** Tells everybody that the holder lives. */
export async function beat({ ec2 }: Aws, { id }: Lock, now: Date, signal: AbortSignal): Promise<void> {
  const Tags = tagList({ "multivac:heartbeat": now.toISOString() });
  await ec2.send(new CreateTagsCommand({ Resources: [id], Tags }), { abortSignal: signal });
}

/** How many tags EC2 lets one thing have (EC2 user guide, "Tag restrictions"). */
const mostTags = 50;

/** The lock's own tags, and as many of the user's as there is room for. */
function withUsers(tags: Tags, own: Tags): Tags {
  const users = Object.entries(tags).filter(([key]) => !(key in own));
  return { ...Object.fromEntries(users.slice(0, mostTags - Object.keys(own).length)), ...own };
}

function lockTags({ token, holder, heartbeat }: Omit<Lock, "id">): Tags {
  const { owner, host, command, run, process, since } = holder;
  const tags = { lock: token, owner, host, command, process, since, heartbeat, ...(run ? { run } : {}) };
  // A tag's value is at most 256 characters long (EC2 user guide, "Tag restrictions").
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`multivac:${key}`, value.slice(0, 256)]));
}
