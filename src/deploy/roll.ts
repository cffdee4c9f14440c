import type { Aws } from "../aws/aws.ts";
import { isUnderWay, readInstanceRefresh } from "../aws/instance-refresh.ts";
import { readTargetHealth } from "../aws/target-health.ts";
import { waitFor } from "../aws/wait.ts";
import { Failure } from "../failure.ts";
import type { Report } from "../progress.ts";
import { readGroup } from "../resources/auto-scaling-group.ts";
import { task } from "./task.ts";
import type { BootWatch } from "./warm-up.ts";

export interface Rolling {
  aws: Aws;
  report: Report;
  stop: AbortSignal;
  group: string;
  targetGroupArn: string;
}

/** How long AWS may take to replace all instances, in seconds. */
const limitSeconds = 7200;

/** Follows the roll that is under way, if there is one, to its end. Throws a `Failure` when it does not succeed. */
export async function followRoll(rolling: Rolling, boots: BootWatch): Promise<void> {
  const { aws, group } = rolling;
  if (!isUnderWay(await readInstanceRefresh(aws, group))) return;
  await task(rolling, "roll", (progress) => follow(rolling, boots, progress));
}

async function follow(rolling: Rolling, boots: BootWatch, progress: (text: string) => void): Promise<void> {
  const { aws, group, stop } = rolling;
  const look = async () => {
    const [refresh, how] = await Promise.all([readInstanceRefresh(aws, group), instancesText(rolling, boots)]);
    progress(`${refresh?.PercentageComplete ?? 0} %, ${how}`);
    return isUnderWay(refresh) ? undefined : refresh;
  };
  const ended = await waitFor(look, { limitSeconds, signal: stop, pause: { first: 0.5, longest: 3 } });
  if (ended?.Status === "Successful") return;
  if (!ended) {
    throw new Failure({
      code: "still-under-way",
      message: "The roll is not done after two hours.",
      fix: "AWS goes on with it. Run the same command again to go on waiting.",
      exitCode: 3,
    });
  }
  throw new Failure({
    code: "roll-failed",
    message: `The instances were not replaced: the roll ended as ${ended.Status}.`,
    reason: ended.StatusReason ?? ended.RollbackDetails?.RollbackReason,
    fix: "The release before serves. Mend the app, then deploy again.",
    exitCode: 4,
  });
}

/** `1 old, 1 new (1 healthy)` */
async function instancesText({ aws, group: name, targetGroupArn }: Rolling, boots: BootWatch): Promise<string> {
  const [group, targets] = await Promise.all([readGroup(aws, name), readTargetHealth(aws, targetGroupArn)]);
  if (group) boots.see(group, targets);
  const healthy = new Set(targets.filter(({ state }) => state === "healthy").map(({ instanceId }) => instanceId));
  const isOld = (version: string | undefined) => version === group?.launchTemplateVersion;
  const instances = group?.instances ?? [];
  const fresh = instances.filter(({ LaunchTemplate }) => !isOld(LaunchTemplate?.Version));
  const healthyFresh = fresh.filter(({ InstanceId = "" }) => healthy.has(InstanceId));
  return `${instances.length - fresh.length} old, ${fresh.length} new (${healthyFresh.length} healthy)`;
}
