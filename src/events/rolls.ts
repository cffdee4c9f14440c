import type { InstanceRefresh } from "@aws-sdk/client-auto-scaling";
import { isUnderWay } from "../aws/instance-refresh.ts";
import type { StackEvent } from "../documents.ts";

const ends: Record<string, string> = {
  Successful: "rolled",
  Failed: "the roll failed",
  Cancelled: "the roll was cancelled",
  RollbackSuccessful: "the roll was rolled back",
  RollbackFailed: "the roll failed, and its rollback too",
};

/**
 * Instance refreshes: each as it began, as it was turned back where it was, and as it ended. `releaseOf` tells a version's
 * release; for one that is deleted the instances tell that the refresh launched, if any of `launches` are known still.
 */
export function rolls(
  refreshes: readonly InstanceRefresh[],
  releaseOf: (version: string) => string | undefined,
  launches: readonly StackEvent[],
): StackEvent[] {
  return refreshes.flatMap((refresh): StackEvent[] => {
    const { InstanceRefreshId: id, Status: status = "", StatusReason, StartTime, EndTime, RollbackDetails } = refresh;
    const version = refresh.DesiredConfiguration?.LaunchTemplate?.Version;
    const release = version && (releaseOf(version) ?? launchedRelease(refresh, launches));
    const to = version ? ` to launch template version ${version}` : "";
    const progress = isUnderWay(refresh) ? `${status}, ${refresh.PercentageComplete ?? 0} %` : undefined;
    const about = { id, release };
    const { RollbackStartTime: back, RollbackReason } = RollbackDetails ?? {};
    return [
      ...at(StartTime, { ...about, kind: "roll", what: `rolling${to}`, cause: progress, status }),
      ...at(back, { ...about, kind: "rollback", what: "rolling back", cause: RollbackReason, status }),
      ...at(progress ? undefined : EndTime, {
        ...about,
        kind: "roll-end",
        what: ends[status] ?? status,
        cause: StatusReason,
        status,
      }),
    ];
  });
}

function launchedRelease(refresh: InstanceRefresh, launches: readonly StackEvent[]): string | undefined {
  const { StartTime, EndTime, RollbackDetails } = refresh;
  const end = RollbackDetails?.RollbackStartTime ?? EndTime ?? new Date();
  const own = launches.filter(({ kind, cause, time }) => {
    const launched = kind === "launch" && cause?.includes("instance refresh");
    return launched && StartTime && new Date(time) >= StartTime && new Date(time) < end;
  });
  const releases = new Set(own.flatMap(({ release }) => release ?? []));
  return releases.size === 1 ? [...releases][0] : undefined;
}

function at(time: Date | undefined, event: Omit<StackEvent, "time">): StackEvent[] {
  return time ? [{ time: time.toISOString(), ...event }] : [];
}
