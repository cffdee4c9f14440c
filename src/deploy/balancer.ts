/** A load balancer as the looks at it find it. While AWS provisions it, which takes minutes, it checks no target. */
export interface Balancer {
  /** AWS's word; undefined before the first look. */
  status: string | undefined;
}

/** Whether targets are checked, so that how long they take to get healthy tells something. */
export function isActive({ status }: Balancer): boolean {
  return status === "active";
}
