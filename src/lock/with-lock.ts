import { errorCode } from "../aws/wait.ts";
import { commandLine } from "../commands/hint.ts";
import { Failure, sameCommand } from "../failure.ts";
import { duration } from "../output/progress.ts";
import type { Report } from "../progress.ts";
import type { Context, Session } from "../session.ts";
import { inTask, outOfTask } from "../spans.ts";
import { stackKey, type Tags } from "../stack.ts";
import { deadSeconds, keepBeating, stopSeconds } from "./heartbeat.ts";
import { type Holder, thisHolder } from "./holder.ts";
import { beat, freeLock, type Lock, readLock } from "./lock.ts";
import { takeLock } from "./take.ts";

interface Locking<T> {
  command: string;
  /** What the work begins with: read while the lock that was just made is looked at. */
  look: () => Promise<T>;
  /** Wait for a living holder instead of refusing. */
  wait?: boolean | undefined;
  /** The user's tags. */
  tags?: Tags | undefined;
}

/**
 * Does work while this process alone holds the stack's lock, and frees it afterwards, however the work ends. Throws a
 * `Failure` (exit code 5) when somebody else holds it. The work's `stop` is aborted too when the lock is lost.
 */
export async function withLock<S, T>(
  context: Context,
  session: Session,
  { command, look, wait = false, tags = {} }: Locking<S>,
  work: (context: Context, seen: S, lock: Lock) => Promise<T>,
): Promise<T> {
  const { aws, stack } = session;
  const { report, stop } = context;
  const task = "lock";
  report({ type: "start", task });
  const me = await thisHolder(command, process.env);
  let looking: Promise<S> | undefined;
  const made = () => {
    looking = outOfTask(look);
    // Where the lock is not this run's, nobody asks what became of it.
    looking.catch(() => undefined);
  };
  const held = (lock: Lock) => {
    looking = undefined;
    report({ type: "update", task, text: `held by ${holderText(lock.holder)}` });
  };
  const takenOver = ({ holder }: Lock) => {
    looking = undefined;
    report({ type: "note", text: `Taking over the lock of ${holderText(holder)}, which is dead.` });
  };
  const taking = { aws, stack, tags, me, wait, signal: stop, made, held, takenOver };
  const outcome = await inTask(task, () => takeLock(taking)).catch((error) => {
    report({ type: "end", task, outcome: stop.aborted ? "stopped" : "failed" });
    throw error;
  });
  if ("heldBy" in outcome) {
    report({ type: "end", task, outcome: "failed", text: "somebody else holds it" });
    throw locked(outcome.heldBy, context, session);
  }
  const { taken } = outcome;
  report({ type: "end", task, outcome: "done" });
  const lost = new AbortController();
  const done = new AbortController();
  const beating = holdOn(session, taken, report, lost, done.signal);
  try {
    return await work({ ...context, stop: AbortSignal.any([stop, lost.signal]) }, await (looking ?? look()), taken);
  } catch (error) {
    if (lost.signal.aborted && !stop.aborted) throw lost.signal.reason;
    throw error;
  } finally {
    done.abort();
    await beating;
    await free(session, taken, report, commandLine("unlock", context));
  }
}

/** A lock that cannot be freed is no reason to fail: its holder is about to end, which others can see. */
async function free({ aws, stack }: Session, lock: Lock, report: Report, unlock: string): Promise<void> {
  await freeLock(aws, stack, lock).catch((error: Error) =>
    report({ type: "warning", text: `The lock could not be freed (${error.message}). Free it with: ${unlock}` }),
  );
}

/** Beats for the lock, and aborts `lost` when it is not, or may not be, this run's any more. */
async function holdOn(
  { aws, stack }: Session,
  lock: Lock,
  report: Report,
  lost: AbortController,
  done: AbortSignal,
): Promise<void> {
  const lostBy = async (failed: unknown, signal: AbortSignal) => {
    const now = await readLock(aws, stack, signal);
    if (now?.id === lock.id) return undefined;
    // EC2 may not list it for a while; then it still knows its id.
    return now || errorCode(failed).includes("NotFound") ? lockLost(now?.holder) : undefined;
  };
  const missed = ({ message }: Error) => report({ type: "detail", text: `no heartbeat: ${message}` });
  const beating = { beat: (now: Date, signal: AbortSignal) => beat(aws, lock, now, signal), lostBy, missed, silent };
  const why = await keepBeating(beating, done);
  if (why) lost.abort(why);
}

/** `ada on laptop (deploy) since 12 s ago`; the pipeline's page where there is one. */
export function holderText({ owner, host, command, run, since }: Holder): string {
  const seconds = (Date.now() - Date.parse(since)) / 1000;
  const when = Number.isNaN(seconds) ? "" : ` since ${since} (${duration(Math.max(0, seconds))} ago)`;
  return `${owner} on ${host} with ${command || "multivac"}${run ? `, ${run}` : ""}${when}`;
}

function locked({ holder }: Lock, { options }: Context, { stack, aws, sandbox }: Session): Failure {
  const named = { ...options, ...stack, region: sandbox ? options.region : aws.region };
  return new Failure({
    code: "locked",
    message: `Somebody else is changing ${stackKey(stack)}.`,
    reason: `The lock is held by ${holderText(holder)}, which lives: its process runs, or its heartbeat has just changed.`,
    fix: `Wait until it is done, or let this run wait for it with --wait-lock. The lock of a run that dies is taken over by itself.\nIf that run hangs, end it where it runs, then free its lock: ${commandLine("unlock", { options: named as never })}`,
    exitCode: 5,
  });
}

function lockLost(holder: Holder | undefined): Failure {
  return new Failure({
    code: "lock-lost",
    message: "The lock was taken away from this run, which stopped.",
    reason: holder
      ? `It is held by ${holderText(holder)} now. Was this machine asleep or cut off for more than ${deadSeconds} seconds?`
      : "Somebody has freed it with unlock.",
    fix: `Go on from where things are: ${sameCommand}`,
    exitCode: 5,
  });
}

function silent(): Failure {
  return new Failure({
    code: "lock-lost",
    message: `No heartbeat of this run reached AWS for ${stopSeconds} seconds, so that it stopped.`,
    reason: `After ${deadSeconds} seconds another run may take its lock for that of a dead one. Was this machine asleep or cut off?`,
    fix: `Go on from where things are: ${sameCommand}`,
    exitCode: 5,
  });
}
