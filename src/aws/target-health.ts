import { DescribeTargetHealthCommand, type TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Aws } from "./aws.ts";
import { orMissing } from "./wait.ts";

export interface TargetHealth {
  instanceId: string;
  /** AWS's word: `initial`, `healthy`, `unhealthy`, `draining`, `unused`. */
  state: string;
  /** AWS's reason and description, when it is not healthy. */
  reason: string | undefined;
}

/** The health of every target of a group; empty when the group is gone. */
export async function readTargetHealth({ elb }: Aws, targetGroupArn: string): Promise<TargetHealth[]> {
  const answer = await orMissing(
    elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn })),
    "TargetGroupNotFound",
    "TargetGroupNotFoundException",
  );
  return (answer?.TargetHealthDescriptions ?? []).map(read);
}

function read({ Target, TargetHealth }: TargetHealthDescription): TargetHealth {
  const { State = "", Reason, Description } = TargetHealth ?? {};
  const reason = [Description, Reason && `(${Reason})`].filter(Boolean).join(" ");
  return { instanceId: Target?.Id ?? "", state: State, reason: State === "healthy" ? undefined : reason || undefined };
}
