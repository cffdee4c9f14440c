import { readFile } from "node:fs/promises";

/** Seconds of a run beyond those that AWS takes. */
export interface Part {
  what: string;
  seconds: number;
}

interface Slice {
  name: string;
  /** In seconds from the start of the process. */
  from: number;
  to: number;
}

/**
 * Where the time of a modelled deploy goes beyond AWS's own, by its `--trace`: for each task of the critical path what it
 * took less what the model lets AWS take in it, and the times between. Together all that is beyond; the largest first.
 */
export async function partsBeyond(
  file: string,
  { bake, boot, seconds }: { bake: number; boot: number; seconds: number },
): Promise<Part[]> {
  const { traceEvents } = JSON.parse(await readFile(file, "utf8")) as {
    traceEvents: { name: string; cat?: string; ts: number; dur: number; args: { critical?: boolean } }[];
  };
  const slices = (wanted: (event: (typeof traceEvents)[0]) => boolean): Slice[] =>
    traceEvents.filter(wanted).map(({ name, ts, dur }) => ({ name, from: ts / 1e6, to: (ts + dur) / 1e6 }));
  const path = slices(({ cat, args }) => cat === "task" && args.critical === true).sort((a, b) => a.from - b.from);
  // A roll tells how many of the new are healthy; from then on AWS's warm-up is waited for.
  const seen = slices(({ cat, name }) => cat === "step" && / new \([1-9]\d* healthy\)/.test(name))[0]?.from;

  const sums = new Map<string, number>();
  const add = (what: string, some: number) => sums.set(what, (sums.get(what) ?? 0) + some);
  let now = 0;
  for (const { name, from, to } of path) {
    const begin = Math.max(now, from);
    add(now === 0 ? "Node's start, the config, the app and the first look at AWS" : "between tasks", begin - now);
    if (name === "image") add("packing the app, Packer's start and its looks at the image", to - begin - bake);
    else if (name === "roll") {
      add("until a healthy instance is seen", (seen ?? to) - begin - boot);
      add("the roll's warm-up and the look that sees its end", to - (seen ?? to));
    } else if (name === "instances healthy" && !path.some((other) => other.name === "roll"))
      add("until a healthy instance is seen", to - begin - boot);
    else add(name === "lock" ? "lock" : "launch template, group and the like", to - begin);
    now = Math.max(now, to);
  }
  add("after the last task", seconds - now);
  const parts = [...sums].map(([what, some]) => ({ what, seconds: some }));
  return parts.sort((a, b) => b.seconds - a.seconds);
}

/** The largest in words. */
export function partsText(parts: readonly Part[], most = 5): string {
  const [large, small] = [parts.slice(0, most), parts.slice(most)];
  const rest = small.reduce((sum, { seconds }) => sum + seconds, 0);
  return [...large.map(({ what, seconds }) => `${seconds.toFixed(2)} s ${what}`), `${rest.toFixed(2)} s all else`].join(
    "; ",
  );
}
