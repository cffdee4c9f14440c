import { Failure, sameCommand } from "../failure.ts";
import { errorCode, waitFor } from "./wait.ts";

/** What keeps something from being deleted. */
export interface Holder {
  id: string;
  /** As a person reads it: `eni-… of load balancer hello-dev-lb`. */
  text: string;
  /** It will not go by itself; `unknown` where nobody's name is on it, or the stack's and this run has not seen it before. */
  stays: boolean | "unknown";
}

interface Hold {
  /** As a person reads it: `security group sg-…`. */
  what: string;
  /** AWS's codes for "something holds it". */
  codes: readonly string[];
  holders(): Promise<Holder[]>;
  limitSeconds: number;
  signal: AbortSignal;
  progress(text: string): void;
}

/** How long a holder may be unknown before it is taken for one that stays, in seconds. */
const unknownSeconds = 120;

/**
 * Sends a delete again while AWS says that something still holds it, and tells what that is. Throws a `Failure` (exit code
 * 3) as soon as that is something that will not go, and at the limit.
 */
export async function whileHeld(send: () => Promise<unknown>, hold: Hold): Promise<void> {
  const staying = watchHolders();
  let last: Holder[] = [];
  const done = await waitFor(
    async () => {
      try {
        await send();
        return true;
      } catch (error) {
        if (!hold.codes.includes(errorCode(error))) throw error;
      }
      last = await look(hold);
      const left = staying(last);
      if (left.length > 0) throw inUse(hold.what, left);
      hold.progress(last.length > 0 ? `waiting for ${texts(last)}` : "waiting for AWS to let go of it");
      return undefined;
    },
    { ...hold, pause: { first: 0.2, longest: 10 } },
  );
  if (done) return;
  throw new Failure({
    code: "still-deleting",
    message: `The ${hold.what} is still held after ${Math.round(hold.limitSeconds / 60)} minutes.`,
    reason: last.length > 0 ? texts(last) : "AWS does not tell what holds it.",
    fix: `Go on with: ${sameCommand}`,
    exitCode: 3,
  });
}

/** Tells which of the holders will not go: those that stay, and those that may go and have not for long since each was seen first. */
export function watchHolders(now = () => performance.now()): (holders: readonly Holder[]) => Holder[] {
  const since = new Map<string, number>();
  return (holders) => {
    const at = now();
    for (const { id } of holders) since.set(id, since.get(id) ?? at);
    const isLong = ({ id }: Holder) => at - (since.get(id) ?? at) >= unknownSeconds * 1000;
    return holders.filter((one) => one.stays === true || (one.stays === "unknown" && isLong(one)));
  };
}

/** A look that fails is no reason to give up: AWS may let go of it all the same. */
async function look({ holders, progress }: Hold): Promise<Holder[]> {
  return await holders().catch((error: Error) => {
    progress(`something holds it; what, could not be read: ${error.message}`);
    return [];
  });
}

function inUse(what: string, staying: readonly Holder[]): Failure {
  return new Failure({
    code: "in-use",
    message: `The ${what} is in use by something that is not this stack's.`,
    reason: texts(staying),
    fix: `Let go of it there, then run again: ${sameCommand}`,
    exitCode: 3,
  });
}

function texts(holders: readonly Holder[]): string {
  return holders.map(({ text }) => text).join("; ");
}
