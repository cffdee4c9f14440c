import type { Balancer } from "../machines.ts";

export interface CreateBalancerOptions {
  sandboxId: string;
  stateFolder: string;
}

/** A balancer that is one haproxy, replaced without a gap when its listeners change. */
export function createBalancer(_options: CreateBalancerOptions): Balancer {
  throw new Error("not built yet");
}
