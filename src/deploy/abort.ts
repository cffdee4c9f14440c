import type { InstanceRefresh } from "@aws-sdk/client-auto-scaling";
import type { Aws } from "../aws/aws.ts";
import { isUnderWay, launchedBy, readInstanceRefresh } from "../aws/instance-refresh.ts";
import { waitFor } from "../aws/wait.ts";
import { Failure, sameCommand } from "../failure.ts";
import type { Report } from "../progress.ts";
import { readGroup } from "../resources/auto-scaling-group-live.ts";
import { task } from "./task.ts";

/** How long AWS may take to bring the old instances back, in seconds. */
const limitSeconds = 3600;

/** Returns the group's refresh once AWS no longer works on it. */
export async function followToEnd(
  scope: { aws: Aws; report: Report; stop: AbortSignal },
  group: string,
): Promise<InstanceRefresh> {
  return await task(scope, "roll back", async (progress) => {
    const look = async () => {
      const refresh = await readInstanceRefresh(scope.aws, group);
      progress(`${refresh?.Status}, ${refresh?.PercentageComplete ?? 0} %`);
      return isUnderWay(refresh) ? undefined : (refresh ?? {});
    };
    const ended = await waitFor(look, {
      limitSeconds,
      signal: scope.stop,
      progress,
      pause: { first: 0.5, longest: 1.5 },
    });
    if (ended) return ended;
    throw new Failure({
      code: "still-under-way",
      message: "The old instances are not back after an hour.",
      reason: "AWS goes on with it.",
      fix: `Go on waiting with: ${sameCommand}`,
      exitCode: 3,
    });
  });
}

/** What keeps an abort from having been one: the old instances do not serve alone. Undefined when they do. */
export async function abortFailure(
  aws: Aws,
  group: string,
  refresh: InstanceRefresh,
  rollback: string,
): Promise<Failure | undefined> {
  const { Status, StatusReason, DesiredConfiguration } = refresh;
  if (Status === "RollbackSuccessful") return undefined;
  if (Status === "Successful") {
    return new Failure({
      code: "roll-finished",
      message: "The roll was done before it could be aborted. The new release serves.",
      reason: "AWS had replaced the last instance already.",
      fix: `Go back with: ${rollback}`,
    });
  }
  const now = await readGroup(aws, group);
  const isOther = DesiredConfiguration?.LaunchTemplate?.Version !== now?.launchTemplateVersion;
  const others = isOther ? launchedBy(refresh, now?.instances ?? []) : [];
  if (Status === "Cancelled" && others.length === 0) return undefined;
  return new Failure({
    code: "partly-rolled",
    message: `The roll ended as ${Status}. ${others.length} of ${now?.instances.length ?? 0} instances are of the version that was being rolled out.`,
    reason: StatusReason,
    fix: "Deploy again, which brings all to one version: multivac deploy",
    exitCode: 3,
  });
}
