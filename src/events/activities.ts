import type { Activity } from "@aws-sdk/client-auto-scaling";
import type { StackEvent } from "../documents.ts";

/** What Auto Scaling groups did. `releaseOf` tells the release of an instance that EC2 still knows. */
export function activities(
  list: readonly Activity[],
  releaseOf: (instanceId: string) => string | undefined,
): StackEvent[] {
  return list.flatMap((activity): StackEvent[] => {
    const { StartTime, Description = "", StatusCode: status = "", StatusMessage, Cause = "" } = activity;
    if (!StartTime) return [];
    const id = instanceOf(Description);
    const { kind, verbs } = sortOf(Description);
    const [doing, done, failed] = verbs;
    const verb = status === "Successful" ? done : /^(Failed|Cancelled)$/.test(status) ? failed : doing;
    return [
      {
        time: StartTime.toISOString(),
        kind,
        what: kind === "activity" ? `${Description}${verb}` : `${verb} ${id ?? "an instance"}`,
        id,
        release: id && releaseOf(id),
        cause:
          [verb === failed ? StatusMessage?.replace(/\s+/g, " ") : undefined, causeText(Cause)]
            .filter(Boolean)
            .join("; ") || undefined,
        details: Cause || undefined,
        status,
      },
    ];
  });
}

/** The instance that an activity's description names. */
export function instanceOf(description = ""): string | undefined {
  return /\bi-[0-9a-f]+\b/.exec(description)?.[0];
}

/** What an activity does, by AWS's description, and its verbs: while it goes on, done, failed. */
function sortOf(description: string): { kind: "launch" | "termination" | "activity"; verbs: [string, string, string] } {
  if (description.startsWith("Launching a new EC2 instance"))
    return { kind: "launch", verbs: ["launching", "launched", "could not launch"] };
  if (description.startsWith("Terminating EC2 instance"))
    return { kind: "termination", verbs: ["terminating", "terminated", "could not terminate"] };
  return { kind: "activity", verbs: [", going on", "", ", failed"] };
}

/**
 * The first thing of what AWS tells, without its time: what comes after follows from it. `At 2026-01-31T12:00:00Z an
 * instance was taken out of service in response to an instance refresh.  At … was selected for termination.`
 */
function causeText(cause: string): string {
  const [first = ""] = cause.split(/\.\s+(?=At \d{4}-)/);
  const plain = first.replace(/^At \S+ /, "").replace(/\.$/, "");
  return /in response to (.+)$/.exec(plain)?.[1] ?? plain;
}
