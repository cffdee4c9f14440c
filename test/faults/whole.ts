import { parseArgs } from "node:util";
import { duration } from "../../src/output/progress.ts";
import { openScene, type Scene, scenarioNames } from "./scenarios.ts";
import { runSeed } from "./seeds.ts";
import { killAt, type Point, pointOf, pointsOf, pointText } from "./walk.ts";

/** One thing to try in a sandbox of one's own. */
interface Job {
  what: string;
  /** What went wrong, with what helps to see why; nothing where the tool is right. */
  work(scene: Scene): Promise<{ wrong: string[]; more?: object }>;
}

interface Wanted {
  scenarios: string[];
  /** These points alone; without them all. */
  points: Point[];
  every: number;
  seeds: number[];
  rate: number;
}

const workers = 2;

/**
 * `tsx test/faults/whole.ts [--scenario NAME]… [--point TEXT]… [--every N] [--seeds FIRST-LAST] [--rate RATE]`: kills
 * the tool at every call of every scenario, or at every nth, then runs the seeds; two side by side. Without a scenario
 * and seeds it is all of them. Exits with 1 when something is wrong.
 */
async function main(): Promise<void> {
  const wanted = readArguments();
  const begin = performance.now();
  const scenes = await Promise.all(
    Array.from({ length: workers }, (_, index) => openScene(`faults-${process.pid}-${index}`)),
  );
  const count = { runs: 0, wrong: 0 };
  for (const { aws } of scenes) {
    const { run } = aws;
    aws.run = (...call) => {
      count.runs += 1;
      return run(...call);
    };
  }
  const close = async () => void (await Promise.all(scenes.map((scene) => scene.close())));
  const interrupted = () => void close().finally(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    const walk = await jobsOfWalk(scenes, wanted);
    const seeds = wanted.seeds.map((seed) => jobOfSeed(seed, wanted.rate));
    await sideBySide(scenes, [...walk, ...seeds], (wrong) => {
      if (wrong) count.wrong += 1;
    });
    const took = duration((performance.now() - begin) / 1000);
    const points = `${walk.length} kill points of ${wanted.scenarios.length} scenarios`;
    print(`${points}, ${seeds.length} seeds at a rate of ${wanted.rate}: ${count.runs} runs in ${took}`);
    print(count.wrong > 0 ? `${count.wrong} are wrong` : "all are right");
    process.exitCode = count.wrong > 0 ? 1 : 0;
  } finally {
    await close();
  }
}

function readArguments(): Wanted {
  const { values } = parseArgs({
    options: {
      scenario: { type: "string", multiple: true },
      point: { type: "string", multiple: true },
      every: { type: "string", default: "1" },
      seeds: { type: "string" },
      rate: { type: "string", default: "0.1" },
    },
  });
  const all = !values.scenario && !values.seeds;
  const [first = 1, last = first] = (values.seeds ?? (all ? "1-200" : "1-0")).split("-").map(Number);
  return {
    scenarios: values.scenario ?? (all ? scenarioNames : []),
    points: (values.point ?? []).map(pointOf),
    every: Number(values.every),
    seeds: Array.from({ length: last - first + 1 }, (_, index) => first + index),
    rate: Number(values.rate),
  };
}

async function jobsOfWalk(scenes: readonly Scene[], { scenarios, points, every }: Wanted): Promise<Job[]> {
  const walks = new Map<string, Job[]>();
  const lists = scenarios.map(
    (name): Job => ({
      what: `${name}: its points`,
      async work(scene) {
        const all = points.length > 0 ? points : await pointsOf(scene, name);
        const chosen = all.filter((_, index) => index % every === 0);
        walks.set(
          name,
          chosen.map((point) => jobOfPoint(name, point)),
        );
        return { wrong: chosen.length > 0 ? [] : ["there are none"] };
      },
    }),
  );
  await sideBySide(scenes, lists, (wrong) => {
    if (wrong) throw new Error("The points could not be listed.");
  });
  return scenarios.flatMap((name) => walks.get(name) ?? []);
}

function jobOfPoint(name: string, point: Point): Job {
  return {
    what: `${name}, ${pointText(point)}`,
    work: async (scene) => ({ wrong: await killAt(scene, name, point) }),
  };
}

function jobOfSeed(seed: number, rate: number): Job {
  return {
    what: `seed ${seed}`,
    async work({ aws }) {
      const { wrong, ...more } = await runSeed(aws, seed, { rate });
      return { wrong, more };
    },
  };
}

/** Does all jobs, one at a time in each place, and prints each as it ends. */
async function sideBySide(
  places: readonly Scene[],
  jobs: readonly Job[],
  ended: (wrong: boolean) => void,
): Promise<void> {
  const queue = [...jobs];
  await Promise.all(
    places.map(async (place) => {
      for (let job = queue.shift(); job; job = queue.shift()) {
        const begin = performance.now();
        const { wrong, more } = await job.work(place);
        print(`${wrong.length > 0 ? "wrong" : "right"}  ${job.what}  ${duration((performance.now() - begin) / 1000)}`);
        for (const line of wrong) print(`       ${line}`);
        if (wrong.length > 0 && more) print(`       ${JSON.stringify(more)}`);
        ended(wrong.length > 0);
      }
    }),
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
