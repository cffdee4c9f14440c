import { type Activity, paginateDescribeScalingActivities } from "@aws-sdk/client-auto-scaling";
import type { Aws } from "./aws.ts";
import { orMissing } from "./wait.ts";

/**
 * What groups of a name did since a moment, newest first: those of the last six weeks, also of groups that are deleted
 * (Auto Scaling API reference, DescribeScalingActivities).
 */
export async function readActivities(
  { autoScaling }: Aws,
  group: string,
  since: Date | undefined,
): Promise<Activity[]> {
  const read = async () => {
    const found: Activity[] = [];
    const input = { AutoScalingGroupName: group, IncludeDeletedGroups: true };
    for await (const { Activities = [] } of paginateDescribeScalingActivities({ client: autoScaling }, input)) {
      found.push(...Activities);
      const oldest = Activities.at(-1)?.StartTime;
      if (since && oldest && oldest < since) break;
    }
    return found;
  };
  return (await orMissing(read(), "ValidationError")) ?? [];
}
