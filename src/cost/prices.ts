import { setMaxListeners } from "node:events";
import type { Aws } from "../aws/aws.ts";
import { explainAll } from "../aws/explain.ts";
import type { UsageType } from "../aws/usage-type.ts";
import { datedPrices, type Price, type Prices, priceListSource } from "./price.ts";
import { type CachedPrices, openPriceCache, priceFile } from "./price-cache.ts";

/** How long an answer of the price list is taken without asking again, in milliseconds. */
const fresh = 24 * 3600 * 1000;

interface Asking {
  /** How long AWS's price list may take, in milliseconds; undefined: it is not asked at all. */
  limit: number | undefined;
  stop: AbortSignal;
}

/**
 * What usages cost in a region, the best that is known: AWS's price list, asked at most once a day; else an older answer
 * of it; else a dated price. Never fails for the price list's sake.
 */
export async function pricesFor(aws: Aws, usages: readonly UsageType[], { limit, stop }: Asking): Promise<Prices> {
  const { region } = aws;
  const endpoint = process.env.AWS_ENDPOINT_URL_PRICING || aws.endpoint;
  const cache = await openPriceCache(priceFile(region, process.env), endpoint);
  const stale = usages.filter((usage) => !isFresh(cache.entries[usage]?.asked));
  let trouble: string | undefined;
  if (stale.length > 0 && limit !== undefined) {
    const asked = await within(limit, stop, (signal) => ask(aws, stale, signal));
    stop.throwIfAborted();
    trouble = asked.trouble;
    if (Object.keys(asked.answers).length > 0) await cache.add(asked.answers);
  }
  return { of: (usage) => priceOf(cache.entries, usage, region), ...(trouble ? { trouble } : {}) };
}

/**
 * Runs work with a signal that aborts after `limit` milliseconds, or with `stop`. A timer of its own keeps the signal:
 * Node 20 forgets an AbortSignal.timeout inside an AbortSignal.any when it collects garbage.
 */
async function within<T>(limit: number, stop: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, limit);
  if (stop.aborted) end();
  stop.addEventListener("abort", end);
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", end);
  }
}

function isFresh(asked: string | undefined): boolean {
  const age = Date.now() - Date.parse(asked ?? "");
  return age >= 0 && age < fresh;
}

function priceOf(cached: CachedPrices, usage: UsageType, region: string): Price | undefined {
  const answer = cached[usage];
  if (!answer) return (datedPrices as { [U in UsageType]?: Price })[usage];
  const { price } = answer;
  return price ? { usd: price.usd, source: priceListSource, region, date: price.published } : undefined;
}

/** Asks for each side by side; what was answered counts also where something else was not. */
async function ask(
  aws: Aws,
  usages: readonly UsageType[],
  signal: AbortSignal,
): Promise<{ answers: CachedPrices; trouble?: string }> {
  const { listRegion, priceList, readPrice } = await import("../aws/price-list.ts");
  const from = listRegion(aws.region);
  if (!from) return { answers: {}, trouble: `It does not answer accounts of ${aws.region}.` };
  const client = priceList(aws, from);
  // Each attempt of each request listens to it.
  setMaxListeners(0, signal);
  const asked = new Date().toISOString();
  const answers: CachedPrices = {};
  const read = async (usage: UsageType) => {
    const price = await readPrice(client, aws.region, usage, signal);
    answers[usage] = { price: price ?? null, asked };
  };
  const ended = await Promise.allSettled(usages.map(read));
  const [failed] = ended.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
  return failed === undefined ? { answers } : { answers, trouble: troubleOf(failed, signal) };
}

/** Why AWS could not be asked, in a sentence. */
function troubleOf(error: unknown, signal: AbortSignal): string {
  return signal.aborted ? "It did not answer in time." : (explainAll(error)[0] as Error).message;
}
