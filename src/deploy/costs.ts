import { datedPrices } from "../cost/price.ts";

/**
 * What something of a kind costs as long as it stays, in words; figures where AWS's price list for us-east-1 of 2026 was
 * read, as an orientation: prices differ by region.
 */
export function costsOf(kind: string): string {
  return costs[kind] ?? "AWS's price list tells what it costs";
}

const address = `${datedPrices["PublicIPv4:InUseAddress"].usd} USD an hour for a public IPv4 address`;
const nothing = "costs nothing";

const costs: Record<string, string> = {
  instance: `costs as long as it runs, its volumes longer; ${address}`,
  volume: "costs by its size, as long as it is there",
  snapshot: "costs by what it stores, as long as it is there",
  image: "costs nothing itself; its snapshots do",
  "load-balancer": `costs as long as it is there: ${datedPrices.LoadBalancerUsage.usd} USD an hour plus LCUs, ${address} in each zone`,
  "auto-scaling-group": "costs nothing itself; its instances do, and it launches new ones",
  "network-interface": `costs nothing itself; ${address}`,
  "elastic-ip": `costs as long as it is there: ${address}`,
  "security-group": nothing,
  "launch-template": nothing,
  "target-group": nothing,
  listener: nothing,
  "key-pair": nothing,
};
