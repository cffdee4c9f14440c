import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestSandbox } from "../sandboxes.ts";
import { makeForeign } from "./foreign.ts";
import { medianSample, type Sample, sample } from "./samples.ts";
import { multivacIn } from "./tools.ts";

export interface Growth {
  what: string;
  measured: string;
  /** Why it grows as it does. */
  why: string;
  points: { count: number; seconds: number; cpuSeconds: number; requests: number; peakMiB: number }[];
}

interface Run {
  aws: TestSandbox;
  quick: boolean;
  say: (text: string) => void;
}

const growsWith = {
  instances:
    "Linear, and the emulator's: one process launches each instance by a call of its own to moto, registers it and checks its health. The tool only looks a few times more while it waits, in requests that name no instances; its own computing grows by those looks alone.",
  tags: "Flat: tags go along in the calls that create. It ends at 39, the most that the config takes: AWS takes 50 of one thing, and a builder carries 11 of multivac's own.",
  files:
    "Linear: each file is read and hashed, again at each run, for its date tells nothing certain. Up to a thousand files that is lost in the rest. Of memory, what is kept is a path and a hash for each file, less than 10 MiB for 20,000; the rest is what asking for all of them side by side and reading them leaves behind, which Node takes away only when memory gets scarce.",
  others:
    "Requests are flat: each thing is asked for by name or filter. The time is the emulator's, which goes through all that it holds for a filter; the tool's own computing is flat too.",
};

/** How the tool's work grows with instances, tags, the app's files, and what else is in the account. */
export async function grow(run: Run): Promise<Growth[]> {
  const grown: Growth[] = [];
  for (const measure of [instances, tags, files, foreignStacks]) {
    // What was measured until then is worth keeping.
    await measure(run).then(
      (one) => grown.push(one),
      (error: Error) => run.say(`left out: ${measure.name}: ${error.message.trim().split("\n").at(-1)}`),
    );
  }
  return grown;
}

async function instances({ aws, quick, say }: Run): Promise<Growth> {
  return await collect(
    "instances",
    "first deploy",
    growsWith.instances,
    quick ? [1, 10, 30] : [1, 3, 10, 30, 100],
    say,
    async (count) => {
      const tool = await multivacIn(aws, "many", { instances: { min: count, max: count } });
      const taken = await sample(aws, tool.deploy);
      await tool.destroy();
      return [taken];
    },
  );
}

/** As many as the config takes. */
async function tags({ aws, quick, say }: Run): Promise<Growth> {
  return await collect(
    "tags",
    "first deploy",
    growsWith.tags,
    quick ? [0, 39] : [0, 10, 20, 39],
    say,
    async (count) => {
      const own = Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag-${index}`, `value-${index}`]));
      const tool = await multivacIn(aws, "tagged", { tags: own });
      const taken = await sample(aws, tool.deploy);
      await tool.destroy();
      return [taken];
    },
  );
}

/** `plan` hashes the whole app, and changes nothing. */
async function files({ aws, quick, say }: Run): Promise<Growth> {
  const counts = quick ? [1, 1000, 5000] : [1, 100, 1000, 5000, 20_000];
  return await collect("files of the app", "plan", growsWith.files, counts, say, async (count) => {
    const app = { path: "app", command: "./serve" };
    const tool = await multivacIn(aws, "files", { app, image: {} });
    for (let index = 0; index < count; index++) {
      const folder = path.join(tool.cwd, "app", `folder-${Math.floor(index / 100)}`);
      if (index % 100 === 0) await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, `file-${index}.txt`), `${index}\n`.repeat(200));
    }
    return await times(3, () => sample(aws, tool.plan));
  });
}

/** What others have in the account, beyond AWS's default quotas. */
async function foreignStacks({ aws, quick, say }: Run): Promise<Growth> {
  let there = 0;
  const tool = await multivacIn(aws, "among");
  await tool.deploy();
  return await collect(
    "other stacks in the account",
    "unchanged deploy",
    growsWith.others,
    quick ? [0, 20] : [0, 10, 100, 1000],
    say,
    async (count) => {
      await makeForeign(aws, there, count);
      there = count;
      return await times(3, () => sample(aws, tool.deploy));
    },
  );
}

async function times(count: number, work: () => Promise<Sample>): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let index = 0; index < count; index++) samples.push(await work());
  return samples;
}

async function collect(
  what: string,
  measured: string,
  why: string,
  counts: number[],
  say: (text: string) => void,
  measure: (count: number) => Promise<Sample[]>,
): Promise<Growth> {
  const points: Growth["points"] = [];
  for (const count of counts) {
    const samples = await measure(count);
    const { seconds, cpuSeconds, requests, peakMiB } = medianSample(samples);
    points.push({ count, seconds, cpuSeconds, requests: requests.all, peakMiB });
    say(`${count} ${what}, ${measured}: ${seconds.toFixed(2)} s, ${requests.all} requests`);
  }
  return { what, measured, why, points };
}
