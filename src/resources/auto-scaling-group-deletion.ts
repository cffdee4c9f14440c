import {
  DeleteAutoScalingGroupCommand,
  type Instance,
  SetInstanceProtectionCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { Aws } from "../aws/aws.ts";
import { cancelInstanceRefresh } from "../aws/instance-refresh.ts";
import { errorCode, pauseFor, waitFor, whileRefused } from "../aws/wait.ts";
import type { Doing } from "../engine/resource.ts";
import { Failure, sameCommand } from "../failure.ts";
import type { AutoScalingGroupLive } from "./auto-scaling-group-live.ts";

type Read = () => Promise<AutoScalingGroupLive | undefined>;

/** Ends a group's refresh and its instances, and returns once the group is gone. `read` reads it again. */
export async function deleteAutoScalingGroup(doing: Doing, live: AutoScalingGroupLive, read: Read): Promise<void> {
  const { aws, signal, progress, gently } = doing;
  const AutoScalingGroupName = live.id;
  if (mayBeRolling(live)) await endRefresh(doing, live.id);
  if (gently) await emptyOut(doing, live, read);
  let asked = false;
  await whileRefused(
    async () => {
      // It was there just now; after a refusal it may have gone, or be rolling though it did not look so.
      if (asked && !(await read())) return;
      if (asked) await endRefresh(doing, live.id);
      asked = true;
      await aws.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true }));
    },
    ["ResourceInUseFault", "ResourceInUse", "ScalingActivityInProgressFault", "ScalingActivityInProgress"],
    {
      limitSeconds: 600,
      signal,
      progress,
      waiting: ({ message }) => progress(`AWS does not let it go yet: ${message}`),
    },
  ).catch((error) => {
    if (!isMissing(error)) throw error;
  });
  const gone = async () => {
    const group = await read();
    if (!group) return true;
    const left = group.instances.map(({ InstanceId }) => InstanceId).join(", ");
    progress(left ? `waiting for its instances to end: ${left}` : "waiting for it to be gone");
    return undefined;
  };
  await pauseFor(firstPause, signal);
  if (await waitFor(gone, { limitSeconds: 1200, signal, progress })) return;
  throw new Failure({
    code: "still-deleting",
    message: `The Auto Scaling group ${live.id} is still being deleted after 20 minutes.`,
    reason: "AWS goes on with it: a group goes once its instances have ended.",
    fix: `Go on with: ${sameCommand}`,
    exitCode: 3,
  });
}

/** A group does not go sooner: until then no look is worth a call. In milliseconds. */
const firstPause = 150;

/** Whether its instances are not all in service as the group's own version, as in every roll but at its very beginning and end. */
function mayBeRolling({ instances, desiredCapacity, launchTemplateVersion }: AutoScalingGroupLive): boolean {
  const settled = instances.filter(
    ({ LifecycleState, LaunchTemplate }) =>
      LifecycleState === "InService" && LaunchTemplate?.Version === launchTemplateVersion,
  );
  return settled.length !== instances.length || instances.length !== desiredCapacity;
}

/** Takes off the group's deletion protection and its instances' scale-in protection. */
export async function unprotectAutoScalingGroup({ autoScaling }: Aws, live: AutoScalingGroupLive): Promise<void> {
  const AutoScalingGroupName = live.id;
  if (live.deletionProtection !== "none" || live.protectsNewInstances) {
    await autoScaling.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName,
        ...(live.deletionProtection === "none" ? {} : { DeletionProtection: "none" }),
        ...(live.protectsNewInstances ? { NewInstancesProtectedFromScaleIn: false } : {}),
      }),
    );
  }
  const ids = live.instances.filter(isScaleInProtected).map(({ InstanceId = "" }) => InstanceId);
  // At most 50 instances a call (Auto Scaling API reference, SetInstanceProtection).
  for (let from = 0; from < ids.length; from += 50) {
    const InstanceIds = ids.slice(from, from + 50);
    const command = { AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn: false };
    await autoScaling.send(new SetInstanceProtectionCommand(command));
  }
}

/** What keeps instances from being ended by their group. */
export function scaleInProtections(instances: readonly Instance[]): string[] {
  const ids = instances.filter(isScaleInProtected).map(({ InstanceId }) => InstanceId);
  return ids.length > 0 ? [`scale-in protection of ${ids.join(", ")}`] : [];
}

function isScaleInProtected({ ProtectedFromScaleIn }: Instance): boolean {
  return ProtectedFromScaleIn === true;
}

/** Whether AWS needs it before a forced delete is not documented: a group goes also where it is refused. */
async function endRefresh({ aws, report }: Doing, group: string): Promise<void> {
  try {
    await cancelInstanceRefresh(aws, group);
  } catch (error) {
    if (!errorCode(error)) throw error;
    report({ type: "detail", text: `the instance refresh of ${group} was not cancelled: ${(error as Error).message}` });
  }
}

/** Lets the instances finish their requests and end, before the group goes. */
async function emptyOut({ aws, signal, progress }: Doing, { id }: AutoScalingGroupLive, read: Read): Promise<void> {
  const none = { AutoScalingGroupName: id, MinSize: 0, DesiredCapacity: 0 };
  await aws.autoScaling.send(new UpdateAutoScalingGroupCommand(none));
  const empty = async () => {
    const left = (await read())?.instances ?? [];
    progress(`waiting for its instances to finish: ${left.map(({ InstanceId }) => InstanceId).join(", ")}`);
    return left.length === 0 ? true : undefined;
  };
  await waitFor(empty, { limitSeconds: 3900, signal, progress });
}

/** Auto Scaling calls a group that is gone a `ValidationError`, as it does much else. */
function isMissing(error: unknown): boolean {
  return errorCode(error) === "ValidationError" && /not found/i.test((error as Error).message);
}
