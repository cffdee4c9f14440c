import {
  CancelInstanceRefreshCommand,
  DescribeInstanceRefreshesCommand,
  type Instance,
  type InstanceRefresh,
  paginateDescribeInstanceRefreshes,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { Aws } from "./aws.ts";
import { onceKnown } from "./not-yet-known.ts";
import { errorCode, orMissing, whileRefused } from "./wait.ts";

/** States in which AWS still works on a refresh (Auto Scaling API reference, InstanceRefresh.Status). */
const active = ["Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"];

export interface LaunchTemplateVersion {
  launchTemplateId: string;
  /** A number; a refresh to `$Latest` could not be rolled back. */
  launchTemplateVersion: string;
}

/**
 * Starts to replace a group's instances by ones of a launch template version: new ones are in service before old ones
 * go. The group takes the version itself only when the refresh succeeds. Returns the refresh's id; that of the one under
 * way when it brings that version. Waits for the end of any other.
 */
export async function startInstanceRefresh(
  aws: Aws,
  group: string,
  { launchTemplateId, launchTemplateVersion }: LaunchTemplateVersion,
  { signal, progress, waiting }: { signal: AbortSignal; progress(text: string): void; waiting(): void },
): Promise<string> {
  const command = new StartInstanceRefreshCommand({
    AutoScalingGroupName: group,
    Strategy: "Rolling",
    DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: launchTemplateId, Version: launchTemplateVersion } },
    Preferences: {
      MinHealthyPercentage: 100,
      MaxHealthyPercentage: 200,
      SkipMatching: true,
      AutoRollback: true,
      ScaleInProtectedInstances: "Refresh",
      StandbyInstances: "Terminate",
    },
  });
  const start = async () => {
    try {
      return (await onceKnown(() => aws.autoScaling.send(command), { signal, progress })).InstanceRefreshId ?? "";
    } catch (error) {
      if (!errorCode(error).startsWith("InstanceRefreshInProgress")) throw error;
      const { DesiredConfiguration, Status, InstanceRefreshId = "" } = (await readInstanceRefresh(aws, group)) ?? {};
      const same = DesiredConfiguration?.LaunchTemplate?.Version === launchTemplateVersion;
      if (!same || Status === "RollbackInProgress" || Status === "Cancelling") throw error;
      return InstanceRefreshId;
    }
  };
  const inProgress = ["InstanceRefreshInProgress", "InstanceRefreshInProgressFault"];
  return await whileRefused(start, inProgress, { limitSeconds: 3600, signal, progress, waiting });
}

/** One refresh of a group by its id, or its newest, if it ever had one. */
export async function readInstanceRefresh(
  { autoScaling }: Aws,
  group: string,
  id?: string | undefined,
): Promise<InstanceRefresh | undefined> {
  const which = id ? { InstanceRefreshIds: [id] } : { MaxRecords: 1 };
  const { InstanceRefreshes = [] } = await autoScaling.send(
    new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group, ...which }),
  );
  return InstanceRefreshes[0];
}

/** A group's refreshes of the last six weeks, newest first. */
export async function readInstanceRefreshes({ autoScaling }: Aws, group: string): Promise<InstanceRefresh[]> {
  const found: InstanceRefresh[] = [];
  const pages = paginateDescribeInstanceRefreshes({ client: autoScaling }, { AutoScalingGroupName: group });
  for await (const { InstanceRefreshes = [] } of pages) found.push(...InstanceRefreshes);
  return found;
}

export function isUnderWay(refresh: InstanceRefresh | undefined): boolean {
  return active.includes(refresh?.Status ?? "");
}

/**
 * The instances that a refresh has launched: those of the version that it brings. Old ones may be of another than the
 * group names, as after a change of tags alone. None where it brings no version of its own.
 */
export function launchedBy(refresh: InstanceRefresh, instances: readonly Instance[]): Instance[] {
  const coming = refresh.DesiredConfiguration?.LaunchTemplate?.Version;
  return coming === undefined ? [] : instances.filter(({ LaunchTemplate }) => LaunchTemplate?.Version === coming);
}

/**
 * Sets how long a refresh waits after a new instance is in service before it goes on. Without it AWS takes the
 * health check's grace period ("Available warm-up and cooldown settings", Auto Scaling user guide).
 */
export async function setWarmUp({ autoScaling }: Aws, group: string, seconds: number): Promise<void> {
  await autoScaling.send(
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, DefaultInstanceWarmup: seconds }),
  );
}

/** Brings the old instances back. Does nothing when no refresh is under way any more. */
export async function rollBackInstanceRefresh({ autoScaling }: Aws, group: string): Promise<void> {
  await orMissing(
    autoScaling.send(new RollbackInstanceRefreshCommand({ AutoScalingGroupName: group })),
    "ActiveInstanceRefreshNotFound",
    "ActiveInstanceRefreshNotFoundFault",
  );
}

/** Rolls back the refresh that is under way; ends it where it stands when AWS says that it cannot be rolled back. */
export async function abortInstanceRefresh(aws: Aws, group: string): Promise<void> {
  try {
    await rollBackInstanceRefresh(aws, group);
  } catch (error) {
    if (!errorCode(error).startsWith("IrreversibleInstanceRefresh")) throw error;
    await cancelInstanceRefresh(aws, group);
  }
}

/** Ends the refresh that is under way where it stands. Does nothing when none is. */
export async function cancelInstanceRefresh({ autoScaling }: Aws, group: string): Promise<void> {
  await orMissing(
    autoScaling.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName: group })),
    "ActiveInstanceRefreshNotFound",
    "ActiveInstanceRefreshNotFoundFault",
  );
}
