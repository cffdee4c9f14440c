import type { HealthAnswer } from "../settings.ts";
import { matches } from "./matcher.ts";
import { health, type Target, type TargetHealth } from "./target.ts";

/** A target group's health check settings. */
export interface HealthCheck {
  enabled: boolean;
  path: string;
  /** A port, or `traffic-port`. */
  port: string;
  intervalSeconds: number;
  timeoutSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
  /** HTTP codes that mean healthy, like `200,301-399`. */
  matcher: string;
}

/**
 * Counts one health check. A new target is healthy after one good check; one that was unhealthy needs the healthy
 * threshold, and any target is unhealthy after the unhealthy threshold.
 */
export function count(target: Target, answer: HealthAnswer, check: HealthCheck): void {
  const good = isGood(answer, check);
  target.passed = good ? target.passed + 1 : 0;
  target.failed = good ? 0 : target.failed + 1;
  target.health = next(target, answer, check, good);
}

export function isGood(answer: HealthAnswer, { matcher }: HealthCheck): boolean {
  return typeof answer === "number" && matches(matcher, answer);
}

function next(target: Target, answer: HealthAnswer, check: HealthCheck, good: boolean): TargetHealth {
  const { state } = target.health;
  if (good) {
    const needed = state === "unhealthy" ? check.healthyThreshold : 1;
    return target.passed >= needed ? health("healthy") : target.health;
  }
  if (target.failed >= check.unhealthyThreshold) return unhealthy(answer);
  return state === "healthy" || state === "unhealthy" ? target.health : health("initial", "Elb.InitialHealthChecking");
}

function unhealthy(answer: HealthAnswer): TargetHealth {
  if (answer === "timeout") return health("unhealthy", "Target.Timeout");
  if (answer === "refused") return health("unhealthy", "Target.FailedHealthChecks");
  return health("unhealthy", "Target.ResponseCodeMismatch", answer);
}
