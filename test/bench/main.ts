import { rm, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../command-line.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { compare } from "./comparison.ts";
import { grow } from "./growth.ts";
import { model } from "./modelled.ts";
import { changeOnMachines } from "./on-machines.ts";
import { comparisonPlot, growthPlot } from "./plots.ts";
import { type Results, report, requestsAlone } from "./report.ts";
import { measureStart } from "./start.ts";
import { benchId, workFolder } from "./tools.ts";

// Measures the built command, beside other tools where they are there, and writes docs/benchmark.md and its pictures.

const { values } = parseArgs({
  options: {
    /** Fewer rounds, smaller counts, a load balancer of 15 s in place of 150. */
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    /** The folder that is written to, in place of docs. */
    out: { type: "string" },
  },
});
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 1 : 5));
const folder = path.resolve(packageRoot, values.out ?? "docs");
const say = (text: string) => console.error(text);
const loadBefore = loadavg()[0] ?? 0;

try {
  const start = await measureStart(quick ? 3 : 10, say);
  const aws = await startSandbox(benchId, { machines: false });
  const measured = await compareAndGrow(aws).finally(() => aws.stop());
  // With nothing beside: machines compute.
  const onMachines = await changeOnMachines({ quick, say });
  const command = ["npm run bench", ...(quick ? ["-- --quick"] : [])].join(" ");
  const results = { ...measured, start, onMachines, command, loadBefore };
  const documents = {
    "benchmark.md": report(results),
    "benchmark.svg": comparisonPlot(results.comparison, requestsAlone(results), results.modelled),
    "benchmark-growth.svg": growthPlot(results.growth),
  };
  for (const [name, text] of Object.entries(documents)) await writeFile(path.join(folder, name), text);
  say(`Written to ${path.relative(process.cwd(), folder) || "."}: ${Object.keys(documents).join(", ")}`);
} finally {
  await rm(workFolder, { recursive: true });
}

async function compareAndGrow(aws: TestSandbox): Promise<Pick<Results, "comparison" | "modelled" | "growth">> {
  const comparison = await compare(aws, { latencySeconds: 0.06, rounds, slowSeconds: quick ? 15 : 150 }, say);
  const modelled = await model(aws, 10, say);
  return { comparison, modelled, growth: await grow({ aws, quick, say }) };
}
