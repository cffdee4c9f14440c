import { isDeepStrictEqual } from "node:util";
import { explainAll } from "../aws/explain.ts";
import { type Account, type LastLook, lookAgain, said } from "../deploy/last-look.ts";
import { type Place, placeOf } from "../deploy/prepare.ts";
import type { DestroyDocument } from "../documents.ts";
import { type Doomed, destroy as destroyAll, doomedOf, type Outcome as Fate, stayingOf } from "../engine/destroy.ts";
import { look, type Seen } from "../engine/look.ts";
import { protectionsOf, refuseProtected } from "../engine/protected.ts";
import type { AnyResource, Staying } from "../engine/resource.ts";
import { label } from "../engine/told.ts";
import { Failure } from "../failure.ts";
import type { Lock } from "../lock/lock.ts";
import { withLock } from "../lock/with-lock.ts";
import type { Outcome } from "../output/document.ts";
import { duration } from "../output/progress.ts";
import { otherImage } from "../resources/backup.ts";
import { baseImage } from "../resources/base-image.ts";
import { endedInstances } from "../resources/builder.ts";
import { image } from "../resources/image.ts";
import { leavings, listedOnly, stackResources } from "../resources/index.ts";
import { snapshot } from "../resources/snapshot.ts";
import { stackLock } from "../resources/stack-lock.ts";
import { type CommonOptions, type Context, isSandboxDown, nameStack, openNamed, type Session } from "../session.ts";
import { stackKey } from "../stack.ts";
import { commandLine } from "./hint.ts";

interface DestroyOptions extends CommonOptions {
  keepImages?: boolean;
  force?: boolean;
  waitLock?: boolean;
}

/** For how long a look needs no other, in milliseconds: what is deleted is asked for its tags once more anyway. */
const fresh = 3000;

const everything = [...stackResources, ...leavings, stackLock];

/** Takes down everything that carries the stack's tags, then looks again. Works from tags alone. */
export async function destroy(context: Context, options: DestroyOptions): Promise<Outcome<DestroyDocument>> {
  if (await isSandboxDown(context)) return nothingInSandbox(context);
  const begin = performance.now();
  const [{ deletionProtection }, session] = [await nameStack(context), await openNamed(context)];
  const { aws, stack } = session;
  const kept: readonly AnyResource[] = options.keepImages ? [image, baseImage, otherImage, snapshot] : [];
  const going = everything.filter((resource) => !kept.includes(resource));
  const lookAt = async (resources: readonly AnyResource[]): Promise<Sight> => {
    const at = performance.now();
    return { seen: await look(aws, stack, [...resources, endedInstances], { brief: true }), at };
  };
  // A person is shown all that goes; otherwise the last look lists whole kinds, and what it finds goes then.
  const whole = !options.yes;
  const lookAll = () => lookAt(whole ? everything : everything.filter((one) => !listedOnly.includes(one)));
  const agree = async (seen: Seen) => {
    const doomed = doomedOf(going, seen);
    if (doomed.length > 0 && !options.force) {
      const byConfig = deletionProtection ? ["the config: deletionProtection is true"] : [];
      refuseProtected(doomed, protectedFix(context), byConfig);
    }
    await confirm(context, session, doomed);
  };

  const isNothing = ({ seen }: Sight) => !seen.get(stackLock)?.owned.length && doomedOf(going, seen).length === 0;
  const daily = await lookAll();
  const first = isNothing(daily) && !whole ? withMore(daily, await lookAt(listedOnly)) : daily;
  const { seen } = first;
  const place = await placeOf(session, seen);
  await agree(seen);
  const about = { place, kept, going, begin, again: whole ? undefined : () => lookAt(everything) };
  if (isNothing(first)) return await takeDown(context, session, about, first, options);
  // Somebody may have been at it between the question and the lock, but hardly in no time: the last look tells.
  const again = async () => (options.yes && performance.now() - first.at < fresh ? first : await lookAll());
  const locking = { command: "destroy", look: again, wait: options.waitLock };
  return await withLock(context, session, locking, async (locked, now, own) => {
    if (now === first) return await takeDown(locked, session, { ...about, lock: own }, now, options);
    const [before, after] = [first, now].map((each) => doomedOf(going, each.seen).map(known));
    if (!isDeepStrictEqual(new Set(before), new Set(after))) await agree(now.seen);
    return await takeDown(locked, session, { ...about, lock: own }, now, options);
  });
}

function withMore(one: Sight, other: Sight): Sight {
  return { seen: new Map([...one.seen, ...other.seen]), at: one.at };
}

interface Sight {
  seen: Seen;
  /** When the look began, by `performance.now()`. */
  at: number;
}

/** What a person was asked about: which it is, and what protects it. */
function known({ resource, live }: Doomed): string {
  return [live.id, ...protectionsOf(resource, live)].join(" ");
}

interface About {
  place: Place;
  kept: readonly AnyResource[];
  going: readonly AnyResource[];
  begin: number;
  /** Looks over whole kinds too; undefined where the first look did. */
  again: (() => Promise<Sight>) | undefined;
  /** This run's own, which stays until the end. */
  lock?: Lock;
}

/** Deletes what was seen, then looks again and tells. */
async function takeDown(
  context: Context,
  session: Session,
  { place, kept, going, begin, again, lock }: About,
  first: Sight,
  options: DestroyOptions,
): Promise<Outcome<DestroyDocument>> {
  const { aws, stack } = session;
  const outcomes = new Map<Doomed, Fate>();
  const staying: Staying[] = [];
  const stays = (one: Staying) => void staying.push(one);
  const run = { aws, report: context.report, signal: context.stop, stays };
  const account: Account = { doomed: [], outcomes, staying, failures: [] };
  const keptKinds = kept.map(({ kind }) => kind);
  const ids = { seen: new Set<string>(), going: new Set<string>() };
  const goes = (id: string) => (ids.going.has(id) ? true : ids.seen.has(id) ? false : undefined);
  const round = async ({ seen, at }: Sight, listed: boolean) => {
    const found = doomedOf(going, seen);
    for (const one of stayingOf(going, seen)) if (!staying.some(({ id }) => id === one.id)) stays(one);
    const doomed = options.force ? found : found.filter((one) => !staysProtected(one, stays));
    // What another round before has not deleted is seen again, and what went wrong with it is tried again.
    account.doomed = [...account.doomed.filter((one) => outcomes.get(one) === "deleted"), ...doomed];
    for (const { owned } of seen.values()) for (const { id } of owned) ids.seen.add(id);
    for (const { live } of doomed) ids.going.add(live.id);
    const tell = (one: Doomed, fate: Fate) => void outcomes.set(one, fate);
    const readAt = new Map([...seen.values()].flatMap(({ owned }) => owned.map(({ id }) => [id, at] as const)));
    const failures = await attempt(() => destroyAll(going, { doomed, seen }, stack, { ...run, readAt, goes }, tell));
    account.failures = failures;
    const over = overtime(context.stop);
    if (!over) context.stop.throwIfAborted();
    const looking = over ? { ...run, signal: new AbortController().signal } : run;
    // EC2 goes on listing what has ended before, and the lock stays until the end.
    const settled = [...(seen.get(endedInstances)?.owned ?? []), ...(lock ? [lock] : [])].map(({ id }) => id);
    return { over, left: await lookAgain(looking, stack, account, { keptKinds, settled, listed }) };
  };
  const one = await round(first, !again);
  const { over, left } = again && one.left.more && !one.over ? await round(await again(), true) : one;

  const seconds = Math.round(performance.now() - begin) / 1000;
  const deleted = account.doomed
    .filter((one) => outcomes.get(one) === "deleted")
    .map(({ resource: { resource, kind }, live: { id } }) => ({ resource, kind, id }));
  const { remaining, unread } = left;
  const document = {
    stack: place,
    deleted,
    remaining,
    ...(options.keepImages ? { kept: left.kept } : {}),
    ...(unread.length ? { unread: unread.map(({ kind, why }) => ({ kind, why: said(why) })) } : {}),
    seconds,
  };
  const failure = over ?? unfinished(context, left, account);
  return {
    exitCode: failure ? 3 : 0,
    document,
    text: failure ? "" : summary(context, session, deleted.length, left, seconds),
    ...(failure ? { failure } : {}),
  };
}

/** Whether one must not be deleted, which is told; such a one was refused before where it was seen before. */
function staysProtected({ resource, live: { id }, live }: Doomed, stays: (one: Staying) => void): boolean {
  const protections = protectionsOf(resource, live);
  if (protections.length === 0) return false;
  stays({ kind: resource.kind, id, why: `${protections.join(", ")}; destroy --force takes it off.` });
  return true;
}

/** The failure that says so, when the time given is over: what is left is told all the same. */
function overtime({ reason }: AbortSignal): Failure | undefined {
  return reason instanceof Failure && reason.exitCode === 3 ? reason : undefined;
}

async function nothingInSandbox(context: Context): Promise<Outcome<DestroyDocument>> {
  const { name, environment } = await nameStack(context);
  const place = { name, environment, region: null, account: null };
  return {
    exitCode: 0,
    document: { stack: place, deleted: [], remaining: [], seconds: 0 },
    text: "The sandbox is not running, so nothing is deployed in it.",
  };
}

function protectedFix(context: Context): string {
  return `Set deletionProtection to false in the config and deploy, and take off what was set by hand.\nOr take it down all the same: ${commandLine("destroy --force", context)}`;
}

async function confirm(context: Context, { stack, aws, sandbox }: Session, doomed: readonly Doomed[]): Promise<void> {
  if (doomed.length === 0) return;
  const lines = doomed.map(({ resource, live }) => {
    const protections = protectionsOf(resource, live);
    const taken = protections.length > 0 ? `  (takes off: ${protections.join(", ")})` : "";
    return `  - ${label(resource)}  ${live.name ?? live.id}${taken}`;
  });
  const where = sandbox ? "in the sandbox" : `in ${aws.region}`;
  const about = `This takes down ${stackKey(stack)} ${where}:\n${lines.join("\n")}`;
  if (await context.ask.typed(`Type ${stack.name} to destroy it:`, stack.name, about)) return;
  throw new Failure({
    code: "answered-no",
    message: "Nothing was changed.",
    reason: `What was typed is not ${stack.name}.`,
  });
}

/** The foreseen failures of a destroy, after which the last look still tells what is left; anything else is thrown. */
async function attempt(work: () => Promise<void>): Promise<Failure[]> {
  try {
    await work();
    return [];
  } catch (error) {
    const errors = explainAll(error);
    if (errors.every((each) => each instanceof Failure)) return errors as Failure[];
    throw error;
  }
}

/** What keeps a destroy from being done; undefined when nothing does. */
function unfinished(
  context: Context,
  { remaining, unread }: LastLook,
  { failures }: Pick<Account, "failures">,
): Failure | undefined {
  if (remaining.length + unread.length + failures.length === 0) return undefined;
  const lines = [
    ...remaining.map(({ kind, id, why, costs }) => `${kind} ${id} (${costs}): ${why}`),
    ...unread.map(({ kind, why }) => `${kind}: whether any is left could not be seen. ${said(why)}`),
  ];
  const blind = unread.length > 0 ? "Not everything could be looked at." : "";
  return new Failure({
    code: "left-behind",
    message: remaining.length
      ? `${remaining.length} ${remaining.length === 1 ? "thing" : "things"} of the stack could not be removed. ${blind}`.trim()
      : blind || "Something went wrong on the way, though nothing is left.",
    reason: (lines.length ? lines : failures.map(said)).join("\n"),
    fix: `Mend what keeps it, then run again: ${commandLine("destroy", context)}`,
    exitCode: 3,
  });
}

function summary(
  context: Context,
  { stack, sandbox }: Session,
  deleted: number,
  { kept }: LastLook,
  seconds: number,
): string {
  const what = deleted
    ? `${stackKey(stack)} is gone: ${deleted} deleted in ${duration(seconds)}, nothing left.`
    : `Nothing of ${stackKey(stack)} was there.`;
  const images = kept.length ? ` Kept: ${kept.map(({ kind, id }) => `${kind} ${id}`).join(", ")}.` : "";
  const running = sandbox
    ? `\nThe sandbox is still running; stop it with: ${commandLine("sandbox stop", { options: { ...context.options, sandbox: false, name: undefined as never, config: "config.json" } })}`
    : "";
  return `${what}${images}${running}`;
}
