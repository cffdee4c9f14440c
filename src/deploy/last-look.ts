import { explainAll } from "../aws/explain.ts";
import { everythingTagged, isListedOnly, isMade, type Tagged, type Unread } from "../aws/tagged.ts";
import { waitFor } from "../aws/wait.ts";
import type { Doomed, Outcome } from "../engine/destroy.ts";
import type { Staying } from "../engine/resource.ts";
import type { Run } from "../engine/run.ts";
import type { Failure } from "../failure.ts";
import type { Stack } from "../stack.ts";
import { costsOf } from "./costs.ts";

/** Something of the stack that is still there. */
interface Remaining extends Staying {
  /** What it costs, in words. */
  costs: string;
}

/** What a look at the end of a destroy found. */
export interface LastLook {
  remaining: Remaining[];
  kept: Tagged[];
  /** Kinds that could not be looked at. */
  unread: Unread[];
  /** Whether there is more to be deleted, which only a look over whole kinds can find. */
  more: boolean;
}

/** What a destroy has to say of what it met. */
export interface Account {
  outcomes: ReadonlyMap<Doomed, Outcome>;
  /** All that was to be deleted. */
  doomed: readonly Doomed[];
  /** What was left on purpose. */
  staying: readonly Staying[];
  /** What went wrong, explained. */
  failures: readonly Failure[];
}

/**
 * Looks by tag over every kind until nothing is left that is not accounted for, for as long as AWS may still list what is
 * gone already. What has no tags of its own is told too where it was not deleted. Unless whole kinds were `listed` before,
 * it ends as soon as it finds what only such a list can tell of. `settled` are ids of which there is nothing to tell.
 */
export async function lookAgain(
  { aws, report, signal }: Run,
  stack: Stack,
  account: Account,
  { keptKinds, settled: before, listed }: { keptKinds: readonly string[]; settled: readonly string[]; listed: boolean },
): Promise<LastLook> {
  const task = "last look by tag";
  report({ type: "start", task });
  const untagged = notDeleted(account).filter(({ live }) => live.via);
  const known = new Set([...account.staying, ...notDeleted(account).map(({ live }) => live)].map(({ id }) => id));
  const deleted = account.doomed.filter((one) => account.outcomes.get(one) === "deleted");
  const ended = deleted.filter(({ resource }) => resource.takenAlong).map(({ live }) => live.id);
  const settled = new Set([...ended, ...before]);
  const doomed = new Set(account.doomed.map(({ live }) => live.id));
  let last: LastLook = { remaining: [], kept: [], unread: [], more: false };
  const look = async () => {
    const { found, unread } = await everythingTagged(aws, stack, settled);
    const left = found.filter(({ kind }) => !keptKinds.includes(kind));
    const others = [
      ...account.staying,
      ...untagged.map(({ resource, live }) => ({ kind: resource.kind, id: live.id })),
    ];
    const all = new Map([...left, ...others].map((one) => [one.id, one]));
    last = {
      remaining: [...all.values()].map(({ kind, id }) => ({
        kind,
        id,
        why: whyLeft({ kind, id }, account),
        costs: costsOf(kind),
      })),
      kept: found.filter(({ kind }) => keptKinds.includes(kind)),
      unread,
      more: !listed && left.some(({ id, kind }) => isListedOnly(kind) && !doomed.has(id)),
    };
    if (last.more) return true;
    const lagging = left.filter(({ id, kind }) => !known.has(id) && isMade(kind));
    if (lagging.length === 0 && unread.every(({ why }) => lasting.test(why.code))) return true;
    const text = lagging.length
      ? `AWS still lists ${lagging.map(({ kind, id }) => `${kind} ${id}`).join(", ")}`
      : `looking again at ${unread.map(({ kind }) => kind).join(", ")}`;
    report({ type: "update", task, text });
    return undefined;
  };
  await waitFor(look, { limitSeconds: 30, signal, pause: { first: 0.5, longest: 5 } });
  const { remaining, unread, more } = last;
  if (more) report({ type: "end", task, outcome: "done", text: "there is more, which is not found by its name" });
  if (more) return last;
  const blind = unread.length > 0 ? `${unread.map(({ kind }) => kind).join(", ")} could not be looked at` : "";
  report({
    type: "end",
    task,
    outcome: remaining.length || blind ? "failed" : "done",
    text: blind || (remaining.length ? "" : "nothing is left"),
  });
  return last;
}

/** Codes of failures to look that another look would meet too. */
const lasting = /^(not-allowed|opt-in-required|(no-)?credentials)/;

/** What was to be deleted and was not, though it is the stack's still. */
function notDeleted({ doomed, outcomes }: Account): Doomed[] {
  return doomed.filter((one) => !["deleted", "left"].includes(outcomes.get(one) as string));
}

function whyLeft({ kind, id }: Tagged, account: Account): string {
  const staying = account.staying.find((one) => one.id === id);
  if (staying) return staying.why;
  const one = account.doomed.find(({ live }) => live.id === id);
  const outcome = one && account.outcomes.get(one);
  if (typeof outcome === "object")
    return explainAll(outcome.failed)
      .map((each) => said(each as Error))
      .join(" ");
  const [first] = account.failures;
  if (one && !outcome && first) return `It was not reached: ${said(first)}`;
  if (outcome === "left") return "Its tags were taken off while it was to be deleted, so it was left alone.";
  if (one) return "AWS still lists it after it was deleted; it may only lag.";
  if (isMade(kind)) return "It came meanwhile. Run destroy again.";
  return "It carries the stack's tags, but multivac did not make it. Delete it, or take its tags off.";
}

/** A failure in one line. */
export function said({ message, reason }: { message: string; reason?: string | undefined }): string {
  return `${message} ${reason ?? ""}`.trim();
}
