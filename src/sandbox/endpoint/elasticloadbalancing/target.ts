export type TargetState = "initial" | "healthy" | "unhealthy" | "unused" | "draining" | "unavailable";

export interface TargetHealth {
  state: TargetState;
  reason?: string | undefined;
  description?: string | undefined;
}

/** One registered target of a target group. */
export interface Target {
  id: string;
  port: number;
  health: TargetHealth;
  /** Health checks passed or failed in a row. */
  passed: number;
  failed: number;
  draining: boolean;
}

/** AWS's words for each reason. */
const descriptions = {
  "Elb.RegistrationInProgress": "Target registration is in progress",
  "Elb.InitialHealthChecking": "Initial health checks in progress",
  "Target.Timeout": "Request timed out",
  "Target.FailedHealthChecks": "Health checks failed",
  "Target.NotRegistered": "Target is not registered to the target group",
  "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
  "Target.InvalidState": "Target is in the stopped state",
  "Target.DeregistrationInProgress": "Target deregistration is in progress",
  "Target.HealthCheckDisabled": "Health checks are disabled for this target",
} as const;

type Reason = keyof typeof descriptions | "Target.ResponseCodeMismatch";

export function health(state: TargetState, reason?: Reason, code?: number): TargetHealth {
  if (!reason) return { state };
  if (reason === "Target.ResponseCodeMismatch") {
    return { state, reason, description: `Health checks failed with these codes: [${code}]` };
  }
  return { state, reason, description: descriptions[reason] };
}

/** A target that its load balancer sends nothing to, because it does not stand in the target's Availability Zone. */
export function outOfZones(): TargetHealth {
  const description = "Target is in an Availability Zone that is not enabled for the load balancer";
  return { state: "unused", reason: "Target.NotInUse", description };
}

export function newTarget(id: string, port: number, inUse: boolean): Target {
  const first = inUse ? health("initial", "Elb.RegistrationInProgress") : health("unused", "Target.NotInUse");
  return { id, port, health: first, passed: 0, failed: 0, draining: false };
}
