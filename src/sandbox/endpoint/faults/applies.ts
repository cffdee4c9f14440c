import type { FaultKind } from "./fault.ts";
import { quotaOf } from "./quotas.ts";
import { makesThings } from "./things.ts";

/** Actions that begin what can take its time or end in failure. */
const begins = ["CreateLoadBalancer", "CreateImage", "RunInstances", "StartInstanceRefresh", "RollbackInstanceRefresh"];

/** Whether a kind of fault can happen to an action at all. */
export function appliesTo(kind: FaultKind, action: string): boolean {
  if (kind === "lag") return makesThings(action);
  if (kind === "capacity") return action === "RunInstances";
  if (kind === "quota") return quotaOf(action) !== undefined;
  if (kind === "slow" || kind === "fail") return begins.includes(action);
  // AWS answers it to whoever signs, whatever a policy says (STS API reference, GetCallerIdentity).
  if (kind === "refuse") return action !== "GetCallerIdentity";
  return true;
}
