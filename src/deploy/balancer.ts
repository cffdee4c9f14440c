/** A load balancer as the looks at it find it. While AWS provisions it, which takes minutes, it checks no target. */
export interface Balancer {
  /** AWS's word; undefined before the first look. */
  status: string | undefined;
}

/**
 * Whether targets are checked and requests sent to them, so that how long they take to get healthy tells something. One
 * that is impaired "is routing traffic but does not have the resources it needs to scale" (Elastic Load Balancing API
 * reference, LoadBalancerState).
 */
export function isActive({ status }: Balancer): boolean {
  return status === "active" || status === impaired;
}

export const impaired = "active_impaired";
