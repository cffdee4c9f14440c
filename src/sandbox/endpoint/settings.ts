/** What can be set at the start and, by `POST /_multivac/settings`, while the endpoint runs. All times are seconds. */
export interface Settings {
  /** Added to every request before anything else happens. */
  latencySeconds: number;
  /** From the creation of a load balancer until its state is `active`. */
  loadBalancerSeconds: number;
  /** How long a load balancer's network interfaces linger after it is deleted. */
  interfaceSeconds: number;
  /** In place of every target group's own health check interval; null leaves it. */
  healthCheckSeconds: number | null;
  /** How long an instance refresh waits for a replacement to become ready before it fails or rolls back. */
  refreshSeconds: number;
  /** Without machines: from launch until the instance answers health checks. */
  healthySeconds: number;
  /** Values of Service Quotas by code, like `L-1216C47A`, in place of AWS's defaults. They are told, and refuse nothing. */
  quotas: Record<string, number>;
  /** Without machines: how instances launched from now on answer health checks; a code, or no answer at all. */
  answer: HealthAnswer;
}

/** How a target answers a health check: with an HTTP code, not in time, or not at all. */
export type HealthAnswer = number | "timeout" | "refused";

export const settingsWithMachines: Settings = {
  latencySeconds: 0,
  loadBalancerSeconds: 2,
  interfaceSeconds: 3,
  healthCheckSeconds: null,
  refreshSeconds: 3600,
  quotas: {},
  healthySeconds: 0,
  answer: 200,
};

export const settingsWithoutMachines: Settings = {
  latencySeconds: 0,
  loadBalancerSeconds: 0.2,
  interfaceSeconds: 0.3,
  healthCheckSeconds: 0.1,
  refreshSeconds: 3600,
  quotas: {},
  healthySeconds: 0.2,
  answer: 200,
};
