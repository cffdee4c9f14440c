import { availableParallelism, cpus, loadavg } from "node:os";
import { partsText } from "./beyond.ts";
import { type Comparison, type Phase, phases } from "./comparison.ts";
import type { Growth } from "./growth.ts";
import { type Modelled, typical } from "./modelled.ts";
import { type LeftOut, type OnMachines, onMachinesSection } from "./on-machines.ts";
import { medianRatio, medianSample } from "./samples.ts";
import { type Start, startSection } from "./start.ts";

/** What multivac is to keep to. */
const targets: Record<
  Phase,
  { seconds: number; requests: number; changing?: number; inARow?: number; peakMiB?: number }
> = {
  "first deploy": { seconds: 1.5, requests: 40, changing: 14, peakMiB: 160 },
  "unchanged deploy": { seconds: 0.8, requests: 12, changing: 0, inARow: 3 },
  destroy: { seconds: 2, requests: 30 },
};
/** Whole seconds for a first deploy beyond the load balancer's own time. */
const slowTarget = 2;

export interface Results {
  comparison: Comparison;
  modelled: Modelled;
  growth: Growth[];
  start: Start;
  onMachines: OnMachines | LeftOut;
  command: string;
  loadBefore: number;
}

/** What the requests that came one after another take at this latency, and a Node that starts. */
export function requestsAlone({ comparison, start }: Pick<Results, "comparison" | "start">): Record<Phase, number> {
  const samples = comparison.tools.find(({ name }) => name === "multivac")?.samples;
  const alone = (phase: Phase) =>
    medianSample(samples?.[phase] ?? []).requests.inARow * comparison.latencySeconds + start.node;
  return {
    "first deploy": alone("first deploy"),
    "unchanged deploy": alone("unchanged deploy"),
    destroy: alone("destroy"),
  };
}

/** docs/benchmark.md */
export function report(results: Results): string {
  const { comparison, modelled, growth, start, onMachines, command, loadBefore } = results;
  const { tools, missing, latencySeconds, rounds } = comparison;
  const [{ model = "" } = {}] = cpus();
  const isBusy = loadBefore > availableParallelism() / 2;
  const busy = isBusy ? " **The machine was busy with other work: times are too long, counts are right.**" : "";
  return [
    "# Benchmark",
    "",
    `Made by \`${command}\` on ${model.trim()}, ${availableParallelism()} cores, Node ${process.version}; the load average was ${loadBefore.toFixed(2)} when it began and ${loadavg()[0]?.toFixed(2)} when it ended.${busy} It writes this page and its pictures anew; \`npm run bench -- --quick\` does less of all, \`--rounds N\` more.`,
    "Terraform and the AWS CLI are taken where they are found on `PATH`. Terraform finds its AWS provider as it always does: from the registry, or from a local mirror that `TF_CLI_CONFIG_FILE` or `TF_CLI_ARGS_init=-plugin-dir=…` names.",
    "",
    "## The same work by each tool",
    `Two security groups, launch template, target group, load balancer, listener and an Auto Scaling group of one instance, of a given image, through the sandbox's endpoint without machines with ${latencySeconds * 1000} ms added to every request; load balancers are active and instances healthy at once. A tool is done when the load balancer is active, and the instance in service and healthy as a target. Medians of ${rounds} ${rounds === 1 ? "round" : "rounds"}, in each of which every tool ran; the ratio is the median of each round's own.`,
    ...tools.map(({ name, version }) => `- ${name} ${version}`),
    ...missing.map((why) => `- left out: ${why}`),
    "",
    "![The whole time of each tool](benchmark.svg)",
    "",
    ...comparisonTable(results),
    "",
    `"One after another" is the most requests of which each was sent after the one before was answered. "Requests alone" is that number of multivac's times the latency, and \`node -e 0\` (${start.node.toFixed(2)} s): what of the whole time they account for, without the while that the endpoint takes beyond the latency. It is no lower limit: what came one after another need not have waited for each other. Memory is the largest resident set of one process.`,
    "The last look of a destroy lists load balancers and target groups, which Elastic Load Balancing does not find by tag, and asks for the tags of others' too, 20 in a request. What the emulation of CloudFormation leaves is taken away before others go on.",
    "CloudFormation makes its requests inside AWS. Here they reach the emulator without the endpoint's latency and its load balancer's and instances' times, so that only what the CLI itself asks and waits is measured: less than on AWS.",
    "",
    ...slowTable(results),
    "",
    `## AWS's typical times, divided by ${modelled.scale}`,
    `${Object.entries(typical)
      .map(([what, seconds]) => `${what} ${seconds} s`)
      .join(
        ", ",
      )}. Packer is a stand-in that asks EC2 for what Packer asks, and takes these times; what is done in the builder takes none. "In series" is what a script takes that bakes, then makes everything, then waits; with a changed app that is the critical path itself, for there is nothing else to make meanwhile.`,
    "",
    "| | multivac | critical path | more than that | in series | path |",
    "|---|--:|--:|--:|--:|---|",
    ...modelled.runs.map(
      ({ what, seconds, critical, serial, path }) =>
        `| ${what} | ${seconds.toFixed(2)} s | ${critical.toFixed(1)} s | ${(seconds - critical).toFixed(2)} s | ${serial.toFixed(1)} s | ${path} |`,
    ),
    "",
    "Where the time beyond the critical path goes, by each run's own `--trace`:",
    ...modelled.runs.map(({ what, beyond }) => `- ${what}: ${partsText(beyond)}`),
    "",
    "A roll ends no sooner than AWS's warm-up of its instances, which multivac sets to what the boot before took, and a second. Health is looked for in pauses that grow, and those are as long here as on AWS, where all else takes ten times as long. How a run shows this itself says [timeline.md](timeline.md).",
    "",
    ...onMachinesSection(onMachines),
    ...startSection(start),
    "## Growth",
    "multivac alone, without added latency, so that a wait looks more often than above. Instances take the emulator their time too. Computing is multivac's own.",
    "",
    "![How time grows](benchmark-growth.svg)",
    "",
    ...growth.flatMap(growthTable),
    "Other stacks have security group, launch template, image, target group, load balancer with a listener, and Auto Scaling group each. An account has fewer unless AWS has raised its quotas: 50 load balancers and 500 Auto Scaling groups a region are the default. The emulator has none.",
    "",
  ].join("\n");
}

function comparisonTable(results: Results): string[] {
  const { tools } = results.comparison;
  const alone = requestsAlone(results);
  const [own] = tools;
  const rows = phases.flatMap((phase) => [
    ...tools.flatMap(({ name, samples }) => {
      if (samples[phase].length === 0) return [];
      const { seconds, cpuSeconds, requests, peakMiB } = medianSample(samples[phase]);
      const ratio = name === own?.name ? 1 : medianRatio(samples[phase], own?.samples[phase] ?? []);
      const figures = [
        `${seconds.toFixed(2)} s`,
        `${ratio.toFixed(1)}`,
        requests.all,
        requests.changing,
        requests.inARow,
      ];
      return [[phase, name, ...figures, `${cpuSeconds.toFixed(2)} s`, `${Math.round(peakMiB)} MiB`]];
    }),
    [phase, "requests alone", `${alone[phase].toFixed(2)} s`, "", "", "", "", "", ""],
    targetRow(phase),
  ]);
  return [
    "| | | whole time | times multivac | requests | changing | one after another | CPU | memory |",
    "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ];
}

function targetRow(phase: Phase): (string | number)[] {
  const { seconds, requests, changing = "", inARow = "", peakMiB } = targets[phase];
  return [
    phase,
    "target for multivac",
    `${seconds.toFixed(1)} s`,
    "",
    requests,
    changing,
    inARow,
    "",
    peakMiB ? `${peakMiB} MiB` : "",
  ];
}

function slowTable({ comparison: { tools, slowSeconds } }: Results): string[] {
  return [
    `| first deploy, load balancer active after ${slowSeconds} s | whole time | beyond the load balancer's |`,
    "|---|--:|--:|",
    ...tools.flatMap(({ name, slow }) =>
      slow ? [`| ${name} | ${slow.seconds.toFixed(1)} s | ${(slow.seconds - slowSeconds).toFixed(1)} s |`] : [],
    ),
    `| target for multivac | ${slowSeconds + slowTarget} s | ${slowTarget.toFixed(1)} s |`,
  ];
}

function growthTable({ what, measured, why, points }: Growth): string[] {
  return [
    `| ${what} | ${points.map(({ count }) => count).join(" | ")} |`,
    `|---|${points.map(() => "--:").join("|")}|`,
    `| ${measured} | ${points.map(({ seconds }) => `${seconds.toFixed(2)} s`).join(" | ")} |`,
    `| computing | ${points.map(({ cpuSeconds }) => `${cpuSeconds.toFixed(2)} s`).join(" | ")} |`,
    `| requests | ${points.map(({ requests }) => requests).join(" | ")} |`,
    `| memory | ${points.map(({ peakMiB }) => `${Math.round(peakMiB)} MiB`).join(" | ")} |`,
    "",
    why,
    "",
  ];
}
