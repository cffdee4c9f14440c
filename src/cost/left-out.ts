/** What an estimate leaves out, since nobody knows it before, for instances of a type. */
export function leftOut(instanceType: string): string[] {
  return [
    "traffic: the load balancer's capacity units, and data that leaves AWS or crosses zones",
    "public addresses that the load balancer takes besides as traffic grows",
    // "Unlimited mode for burstable performance instances", EC2 user guide: the default of all T types but T2.
    ...(/^t(?!2\.)\d+[a-z]*\./.test(instanceType)
      ? [`CPU credits of ${instanceType} when it works above its baseline for long`]
      : []),
    "machines of bakes, and the second set of machines while a roll goes on",
    "free tier, discounts, Savings Plans, credits and taxes",
  ];
}
