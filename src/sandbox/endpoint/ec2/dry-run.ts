import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";

/**
 * `DryRun`: a call that would have succeeded is told so and not carried out, which moto does for some actions only. Stands
 * last, so that what other handlers refuse is refused first (EC2 API reference, "Common query parameters": DryRun).
 */
export const dryRun: Handler = {
  service: "ec2",
  action: "*",
  before({ form }) {
    if (form?.get("DryRun") !== "true") return;
    throw new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
  },
};
