import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Aws } from "../aws/aws.ts";
import { waitFor } from "../aws/wait.ts";
import { during } from "../spans.ts";
import type { Stack, Tags } from "../stack.ts";
import { deadSeconds } from "./heartbeat.ts";
import { fateOf, type Holder } from "./holder.ts";
import { createLock, freeLock, type Lock, readLock } from "./lock.ts";

/** How long EC2 may list another lock than the one that was just made, in seconds. */
const settleSeconds = 10;
/** Seconds between two looks at a lock that somebody holds. */
const lookSeconds = 2;

export interface Taking {
  aws: Aws;
  stack: Stack;
  /** The user's, for the lock itself. */
  tags: Tags;
  me: Holder;
  /** Wait until a living holder is done. */
  wait: boolean;
  signal: AbortSignal;
  /** Told that a lock was made, which may yet turn out to be somebody else's. */
  made(): void;
  /** Told of every look at a lock that somebody holds. */
  held(lock: Lock): void;
  /** Told of a dead holder whose lock is taken over. */
  takenOver(lock: Lock): void;
}

/**
 * Takes the stack's lock. A dead holder's is taken over: one whose process has ended on this machine, or whose heartbeat
 * did not change while this one looked, so that no two clocks are compared. Returns the living holder's lock where there
 * is one and nobody wants to wait for it.
 */
export async function takeLock(taking: Taking): Promise<{ taken: Lock } | { heldBy: Lock }> {
  const { aws, stack, me, tags, wait, signal } = taking;
  const token = randomUUID();
  const isDead = watchHeartbeat();
  const freed = new Set<string>();
  const free = async (lock: Lock) => {
    freed.add(lock.id);
    await freeLock(aws, stack, lock);
  };
  // EC2 may go on listing what is freed.
  const listed = async () => {
    const lock = await readLock(aws, stack);
    return lock && freed.has(lock.id) ? undefined : lock;
  };
  for (;;) {
    signal.throwIfAborted();
    const made = await createLock(aws, stack, { holder: me, token, tags });
    if (made) taking.made();
    try {
      const lock = made ? await settled(listed, token, signal) : await listed();
      if (lock?.token === token) return { taken: lock };
      if (made && !lock) return { taken: made };
      // EC2 promises that names are unique, not that one of two creators loses at once: what it lists decides.
      if (made) await free(made);
      // Otherwise somebody has just freed it, or EC2 does not list it yet.
      if (lock) {
        const fate = await judge(lock, isDead);
        if (fate === "dead") {
          taking.takenOver(lock);
          await free(lock);
          continue;
        }
        taking.held(lock);
        if (fate === "lives" && !wait) return { heldBy: lock };
      }
    } catch (error) {
      if (made && !freed.has(made.id)) await free(made).catch(() => undefined);
      throw error;
    }
    await during({ kind: "wait", name: "before another look" }, () => sleep(lookSeconds * 1000, undefined, { signal }));
  }
}

/** The lock as EC2 lists it once that is the one that was just made, or none; another that it goes on listing is the lock. */
async function settled(
  listed: () => Promise<Lock | undefined>,
  token: string,
  signal: AbortSignal,
): Promise<Lock | undefined> {
  let lock: Lock | undefined;
  const look = async () => {
    lock = await listed();
    return !lock || lock.token === token ? true : undefined;
  };
  await waitFor(look, { limitSeconds: settleSeconds, signal, pause: { first: 0.5, longest: 2 } });
  return lock;
}

async function judge(lock: Lock, isDead: (lock: Lock) => boolean | undefined): Promise<"dead" | "lives" | "unknown"> {
  const fate = await fateOf(lock.holder);
  if (fate !== "unknown") return fate === "ended" ? "dead" : "lives";
  const dead = isDead(lock);
  return dead === undefined ? "unknown" : dead ? "dead" : "lives";
}

/** Whether a holder is dead, over several looks; undefined as long as that cannot be told. */
export function watchHeartbeat(now = () => performance.now()): (lock: Lock) => boolean | undefined {
  let last: { id: string; heartbeat: string; since: number } | undefined;
  return ({ id, heartbeat }) => {
    if (last?.id === id && last.heartbeat === heartbeat) {
      return now() - last.since >= deadSeconds * 1000 ? true : undefined;
    }
    const lives = last === undefined ? undefined : false;
    last = { id, heartbeat, since: now() };
    return lives;
  };
}
