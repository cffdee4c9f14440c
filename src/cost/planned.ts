import { isDeepStrictEqual } from "node:util";
import type { Prepared } from "../deploy/prepare.ts";
import type { CostItem, PlanCost, Range } from "../documents.ts";
import { type ImageLive, image } from "../resources/image.ts";
import { chargesNow, chargesOf, type Facts } from "./charges.ts";
import { estimate, monthOf, unpriced, usagesOf } from "./estimate.ts";
import { readPublicAddresses } from "./facts.ts";
import { pricesFor } from "./prices.ts";

/** How long AWS's price list may take where a person waits for a plan, in milliseconds. */
export const priceLimit = 2000;

/** What a plan does to what the stack costs a month, without snapshots of images, whose size a bake tells. */
export interface PlannedCost {
  now: Range;
  month: Range;
  items: readonly CostItem[];
  /** Whether the plan changes anything that costs. */
  changed: boolean;
}

/**
 * What the stack costs now and after a plan. Where that differs, AWS's price list may take `limit` milliseconds; else, and
 * without a limit, it is not asked. Never fails for its sake.
 */
export async function plannedCost(
  { session, inputs, seen }: Prepared,
  { limit, stop }: { limit?: number | undefined; stop: AbortSignal },
): Promise<PlannedCost> {
  if (session.sandbox) return { now: nothing, month: nothing, items: [], changed: false };
  const { config, image: wanted } = inputs;
  const there = (seen.get(image)?.owned ?? []) as ImageLive[];
  const boots = "named" in wanted ? wanted.named : there.find(({ release }) => release === wanted.release);
  const images = boots ? [...there, boots] : there;
  const chargesWith = (facts: Facts) =>
    [
      { ...chargesNow(seen, facts), snapshots: undefined },
      { ...chargesOf(config, boots, facts), snapshots: undefined },
    ] as const;
  const changed = !isDeepStrictEqual(...chargesWith({ images }));
  const publicAddresses = changed ? await readPublicAddresses(session.aws, config.network.subnetIds) : undefined;
  const [now, then] = chargesWith({ images, publicAddresses });
  const usages = [...new Set([now, then].flatMap(usagesOf))];
  const prices = await pricesFor(session.aws, usages, { limit: changed ? limit : undefined, stop });
  const items = estimate(then, prices);
  return { now: monthOf(estimate(now, prices)), month: monthOf(items), items, changed };
}

/** What the sandbox costs. */
export const nothing: Range = { min: 0, max: 0 };

/** The same for scripts. */
export function costDocument({ now, month, items }: PlannedCost): PlanCost {
  return {
    currency: "USD",
    month,
    now,
    change: { min: less(month.min, now.min), max: less(month.max, now.max) },
    items: [...items],
    without: unpriced(items).map(({ what }) => what),
  };
}

/** Cents, without the dust of binary fractions. */
function less(then: number, now: number): number {
  return Math.round((then - now) * 100) / 100;
}
