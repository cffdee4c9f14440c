import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { z } from "zod";
import type { UsageType } from "../aws/usage-type.ts";

/** What AWS's price list answered for one usage: a price, or that it has no single one. */
const entrySchema = z.object({
  price: z.object({ usd: z.number(), published: z.string() }).nullable(),
  /** ISO 8601. */
  asked: z.string(),
});

const fileSchema = z.object({
  version: z.literal(1),
  /** Whose answers these are: AWS's own, or those of a custom endpoint, which are not taken for AWS's. */
  endpoint: z.string().nullable(),
  entries: z.record(z.string(), entrySchema),
});

type CachedPrice = z.output<typeof entrySchema>;
export type CachedPrices = Partial<Record<UsageType, CachedPrice>>;

/** A region's file in the user's cache folder (XDG Base Directory Specification). */
export function priceFile(region: string, environment: NodeJS.ProcessEnv): string {
  const cache = environment.XDG_CACHE_HOME || path.join(homedir(), ".cache");
  return path.join(cache, "multivac", "prices", `${region}.json`);
}

export interface PriceCache {
  entries: CachedPrices;
  /** Keeps answers for the next command. A cache that cannot be written is none: nothing fails. */
  add(answers: CachedPrices): Promise<void>;
}

/** What was answered before; nothing where the file is not there, not to be read, or of another endpoint. */
export async function openPriceCache(file: string, endpoint: string | undefined): Promise<PriceCache> {
  const own = endpoint ?? null;
  const found = await readCache(file);
  const entries: CachedPrices = found?.endpoint === own ? found.entries : {};
  return {
    entries,
    async add(answers) {
      Object.assign(entries, answers);
      // AWS's own answers stay while somebody tries out another endpoint.
      if (own !== null && found?.endpoint === null) return;
      const whole = `${file}.${process.pid}`;
      const text = `${JSON.stringify({ version: 1, endpoint: own, entries }, null, 2)}\n`;
      await mkdir(path.dirname(file), { recursive: true })
        .then(() => writeFile(whole, text))
        .then(() => rename(whole, file))
        .catch(() => undefined);
    },
  };
}

async function readCache(file: string): Promise<z.output<typeof fileSchema> | undefined> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}
