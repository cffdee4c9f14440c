/** What AWS bills, by its own usage type without the region's prefix: `BoxUsage:t3.micro`, `LoadBalancerUsage`. */
export type UsageType =
  | `BoxUsage:${string}`
  | "EBS:VolumeUsage.gp3"
  | "EBS:SnapshotUsage"
  | "LoadBalancerUsage"
  | "LCUUsage"
  | "PublicIPv4:InUseAddress";

export type Unit = "hour" | "GB-month" | "LCU-hour";

/** What a usage is counted in. */
export function unitOf(usage: UsageType): Unit {
  if (usage.startsWith("EBS:")) return "GB-month";
  return usage === "LCUUsage" ? "LCU-hour" : "hour";
}
