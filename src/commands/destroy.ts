import { isDeepStrictEqual } from "node:util";
import { explainAll } from "../aws/explain.ts";
import { everythingTagged, type Tagged } from "../aws/tagged.ts";
import { waitFor } from "../aws/wait.ts";
import { type Place, placeOf } from "../deploy/prepare.ts";
import { label } from "../engine/apply.ts";
import { type Deleted, destroy as destroyAll } from "../engine/destroy.ts";
import { look, type Seen } from "../engine/look.ts";
import { refuseProtected } from "../engine/protected.ts";
import type { AnyResource } from "../engine/resource.ts";
import { Failure } from "../failure.ts";
import { type Lock, readLock } from "../lock/lock.ts";
import { withLock } from "../lock/with-lock.ts";
import type { Outcome } from "../output/document.ts";
import { duration } from "../output/progress.ts";
import { image } from "../resources/image.ts";
import { leavings, stackResources } from "../resources/index.ts";
import { snapshot } from "../resources/snapshot.ts";
import { type CommonOptions, type Context, isSandboxDown, nameStack, openNamed, type Session } from "../session.ts";
import { stackKey } from "../stack.ts";
import { commandLine } from "./hint.ts";

interface DestroyOptions extends CommonOptions {
  keepImages?: boolean;
  waitLock?: boolean;
}

const everything = [...stackResources, ...leavings];

/** Takes down everything that carries the stack's tags, then looks again. Works from tags alone. */
export async function destroy(context: Context, options: DestroyOptions): Promise<Outcome> {
  if (await isSandboxDown(context)) return nothingInSandbox(context);
  const begin = performance.now();
  const session = await openNamed(context);
  const { aws, stack } = session;
  const kept: readonly AnyResource[] = options.keepImages ? [image, snapshot] : [];
  const doomed = everything.filter((resource) => resource.delete && !kept.includes(resource));
  const agree = async (seen: Seen) => {
    refuseProtected(livesOf(doomed, seen));
    await confirm(context, session, seen, doomed);
  };

  const [place, lock, seen] = await Promise.all([placeOf(session), readLock(aws, stack), look(aws, stack, everything)]);
  await agree(seen);
  const about = { place, kept, doomed, begin };
  if (!lock && livesOf(doomed, seen).length === 0) return await takeDown(context, session, about, seen, options);
  return await withLock(context, session, { command: "destroy", wait: options.waitLock }, async (locked, own) => {
    // Somebody may have been at it between the question and the lock.
    const now = await look(aws, stack, everything);
    const ids = [seen, now].map((each) => livesOf(doomed, each).map(({ live }) => live.id));
    if (!isDeepStrictEqual(new Set(ids[0]), new Set(ids[1]))) await agree(now);
    return await takeDown(locked, session, { ...about, lock: own }, now, options);
  });
}

interface About {
  place: Place;
  kept: readonly AnyResource[];
  doomed: readonly AnyResource[];
  begin: number;
  /** This run's own, which stays until the end. */
  lock?: Lock;
}

function livesOf(resources: readonly AnyResource[], seen: Seen) {
  return resources.flatMap((resource) => (seen.get(resource)?.owned ?? []).map((live) => ({ resource, live })));
}

/** Deletes what was seen, then looks again and tells. */
async function takeDown(
  context: Context,
  session: Session,
  { place, kept, doomed, begin, lock }: About,
  seen: Seen,
  options: DestroyOptions,
): Promise<Outcome> {
  const { aws, stack } = session;
  const deleted: Deleted[] = [];
  const failures = await attempt(() =>
    destroyAll(doomed, seen, stack, { aws, report: context.report, signal: context.stop }, (one) => deleted.push(one)),
  );
  context.stop.throwIfAborted();
  const left = await lookAgain(
    context,
    session,
    kept.map(({ kind }) => kind),
    lock,
  );

  const seconds = Math.round(performance.now() - begin) / 1000;
  const remaining = left.remaining.map((one) => ({ ...one, why: whyLeft(one, failures) }));
  const document = { stack: place, deleted, remaining, ...(options.keepImages ? { kept: left.kept } : {}), seconds };
  const failure = remaining.length || failures.length ? unfinished(context, remaining, failures) : undefined;
  return {
    exitCode: failure ? 3 : 0,
    document,
    text: failure ? "" : summary(context, session, deleted, left.kept, seconds),
    ...(failure ? { failure } : {}),
  };
}

async function nothingInSandbox(context: Context): Promise<Outcome> {
  const { name, environment } = await nameStack(context);
  const place = { name, environment, region: null, account: null };
  return {
    exitCode: 0,
    document: { stack: place, deleted: [], remaining: [], seconds: 0 },
    text: "The sandbox is not running, so nothing is deployed in it.",
  };
}

async function confirm(
  context: Context,
  { stack, aws, sandbox }: Session,
  seen: Seen,
  doomed: readonly AnyResource[],
): Promise<void> {
  const lines = doomed.flatMap((resource) =>
    (seen.get(resource)?.owned ?? []).map((live) => `  - ${label(resource)}  ${live.name ?? live.id}`),
  );
  if (lines.length === 0) return;
  const where = sandbox ? "in the sandbox" : `in ${aws.region}`;
  const about = `This takes down ${stackKey(stack)} ${where}:\n${lines.join("\n")}`;
  if (await context.ask.typed(`Type ${stack.name} to destroy it:`, stack.name, about)) return;
  throw new Failure({ code: "answered-no", message: "Nothing was changed." });
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

/** Looks by tag over every kind until nothing is left, for as long as AWS may still list what is gone already. */
async function lookAgain(
  { report, stop }: Context,
  { aws, stack }: Session,
  keptKinds: string[],
  lock: Lock | undefined,
): Promise<{ remaining: Tagged[]; kept: Tagged[] }> {
  const task = "last look by tag";
  report({ type: "start", task });
  let last: { remaining: Tagged[]; kept: Tagged[] } = { remaining: [], kept: [] };
  const look = async () => {
    const found = (await everythingTagged(aws, stack)).filter(({ id }) => id !== lock?.id);
    last = {
      remaining: found.filter(({ kind }) => !keptKinds.includes(kind)),
      kept: found.filter(({ kind }) => keptKinds.includes(kind)),
    };
    if (last.remaining.length === 0) return true;
    report({
      type: "update",
      task,
      text: `AWS still lists ${last.remaining.map(({ kind, id }) => `${kind} ${id}`).join(", ")}`,
    });
    return undefined;
  };
  await waitFor(look, { limitSeconds: 30, signal: stop, pause: { first: 0.5, longest: 5 } });
  report({
    type: "end",
    task,
    outcome: last.remaining.length ? "failed" : "done",
    text: last.remaining.length ? "" : "nothing is left",
  });
  return last;
}

function whyLeft({ id }: Tagged, failures: Failure[]): string {
  const about = failures.find(({ reason, message }) => reason?.includes(id) || message.includes(id)) ?? failures[0];
  return about
    ? `${about.message} ${about.reason ?? ""}`.trim()
    : "AWS still lists it after everything was deleted; it may only lag.";
}

function unfinished(
  context: Context,
  remaining: { kind: string; id: string; why: string }[],
  failures: Failure[],
): Failure {
  const lines = remaining.map(({ kind, id, why }) => `${kind} ${id}: ${why}`);
  return new Failure({
    code: "left-behind",
    message: remaining.length
      ? `${remaining.length} of the stack could not be removed.`
      : "Something went wrong on the way, though nothing is left.",
    reason: (lines.length ? lines : failures.map(({ message, reason }) => `${message} ${reason ?? ""}`)).join("\n"),
    fix: `Run ${commandLine("destroy", context)} again.`,
    exitCode: 3,
  });
}

function summary(
  context: Context,
  { stack, sandbox }: Session,
  deleted: Deleted[],
  kept: Tagged[],
  seconds: number,
): string {
  const what = deleted.length
    ? `${stackKey(stack)} is gone: ${deleted.length} deleted in ${duration(seconds)}, nothing left.`
    : `Nothing of ${stackKey(stack)} was there.`;
  const images = kept.length ? ` Kept: ${kept.map(({ kind, id }) => `${kind} ${id}`).join(", ")}.` : "";
  const running = sandbox
    ? `\nThe sandbox is still running; stop it with: ${commandLine("sandbox stop", { options: { ...context.options, sandbox: false, name: undefined as never, config: "config.json" } })}`
    : "";
  return `${what}${images}${running}`;
}
