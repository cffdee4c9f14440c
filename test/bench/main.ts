import { rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { environment, packageRoot } from "../command-line.ts";
import { startSandbox } from "../sandboxes.ts";
import { compare } from "./comparison.ts";
import { grow } from "./growth.ts";
import { model } from "./modelled.ts";
import { comparisonPlot, growthPlot } from "./plots.ts";
import { runMeasured } from "./program.ts";
import { report, requestsAlone } from "./report.ts";
import { median } from "./samples.ts";
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

const aws = await startSandbox(benchId, { machines: false });
try {
  const starts: number[] = [];
  for (let count = 0; count < 9; count++) {
    const { seconds } = await runMeasured([process.execPath, "-e", "0"], { cwd: tmpdir(), env: environment() });
    starts.push(seconds);
  }
  const node = median(starts);
  say(`node -e 0: ${node.toFixed(3)} s`);
  const comparison = await compare(aws, { latencySeconds: 0.06, rounds, slowSeconds: quick ? 15 : 150 }, say);
  const modelled = await model(aws, 10, say);
  const growth = await grow({ aws, quick, say });
  const command = ["npm run bench", ...(quick ? ["-- --quick"] : [])].join(" ");
  const results = { comparison, modelled, growth, node, command, loadBefore };
  const documents = {
    "benchmark.md": report(results),
    "benchmark.svg": comparisonPlot(comparison, requestsAlone(results), modelled),
    "benchmark-growth.svg": growthPlot(growth),
  };
  for (const [name, text] of Object.entries(documents)) await writeFile(path.join(folder, name), text);
  say(`Written to ${path.relative(process.cwd(), folder) || "."}: ${Object.keys(documents).join(", ")}`);
} finally {
  await aws.stop();
  await rm(workFolder, { recursive: true });
}
