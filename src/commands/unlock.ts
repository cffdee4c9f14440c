import { placeOf } from "../deploy/prepare.ts";
import type { UnlockDocument } from "../documents.ts";
import { Failure } from "../failure.ts";
import { heartbeatSeconds } from "../lock/heartbeat.ts";
import { freeLock, readLock } from "../lock/lock.ts";
import { holderText } from "../lock/with-lock.ts";
import type { Outcome } from "../output/document.ts";
import { duration } from "../output/progress.ts";
import { type Context, isSandboxDown, nameStack, openNamed } from "../session.ts";
import { stackKey } from "../stack.ts";

/** `12 s ago (2026-01-31T12:00:00.000Z)` */
function ago(moment: string): string {
  const seconds = (Date.now() - Date.parse(moment)) / 1000;
  return Number.isNaN(seconds) ? moment : `${duration(Math.max(0, seconds))} ago (${moment})`;
}

/** Frees the stack's lock, whoever holds it, after showing who that is. Works from tags alone. */
export async function unlock(context: Context): Promise<Outcome<UnlockDocument>> {
  if (await isSandboxDown(context)) {
    const { name, environment } = await nameStack(context);
    const document = { stack: { name, environment, region: null, account: null }, freed: null };
    return { exitCode: 0, document, text: "The sandbox is not running, so nothing is locked in it." };
  }
  const session = await openNamed(context);
  const { aws, stack } = session;
  const [place, lock] = await Promise.all([placeOf(session), readLock(aws, stack)]);
  if (!lock) return { exitCode: 0, document: { stack: place, freed: null }, text: `Nobody holds the lock.` };

  const { holder, id, heartbeat } = lock;
  const about = `The lock of ${stackKey(stack)} is held by ${holderText(holder)}; its last heartbeat was ${ago(heartbeat)}. A run that lives beats every ${heartbeatSeconds} s. Free it only when that run is dead or ended.`;
  if (!(await context.ask.confirm("Free it?", about)))
    throw new Failure({ code: "answered-no", message: "Nothing was changed." });
  await freeLock(aws, stack, lock);
  const { owner, host, command, since, run } = holder;
  const freed = { id, owner, host, command, since, heartbeat, ...(run ? { run } : {}) };
  return { exitCode: 0, document: { stack: place, freed }, text: "The lock is free." };
}
