import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import type { TargetGroups } from "./target-groups.ts";
import type { Topology } from "./topology.ts";

/** `DescribeTags`: one resource that is gone fails the whole batch, which has at most 20. */
export function tags({ targetGroups, topology }: { targetGroups: TargetGroups; topology: Topology }): Handler {
  function check(arn: string): void {
    if (arn.includes(":targetgroup/")) targetGroups.get(arn);
    else if (arn.includes(":loadbalancer/") && !topology.loadBalancers.has(arn)) {
      throw new AwsError("LoadBalancerNotFound", `Load balancer '${arn}' not found`);
    } else if (arn.includes(":listener/") && !topology.listeners().some((listener) => listener.arn === arn)) {
      throw new AwsError("ListenerNotFound", `Listener '${arn}' not found`);
    }
  }
  return {
    service: "elasticloadbalancing",
    action: "DescribeTags",
    before(call) {
      const arns = parametersOf(call).list("ResourceArns");
      if (arns.length > 20) {
        throw new AwsError("ValidationError", "The number of resource ARNs in one call may not exceed 20");
      }
      arns.forEach(check);
    },
  };
}
