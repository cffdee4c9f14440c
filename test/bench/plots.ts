import { type Comparison, phases } from "./comparison.ts";
import type { Growth } from "./growth.ts";
import type { Modelled } from "./modelled.ts";
import { medianSample } from "./samples.ts";
import { picture } from "./svg.ts";

const colours = {
  multivac: "#1769aa",
  Terraform: "#8a63c9",
  CloudFormation: "#d98c1f",
  alone: "#2e7d32",
  critical: "#2e7d32",
  grid: "#ccc",
};

interface Bar {
  name: string;
  seconds: number;
  colour: string;
  words?: string;
}

/** The whole time of each tool for each phase, and what multivac's requests alone take; each phase has a scale of its own. */
export function comparisonPlot(
  { tools, slowSeconds }: Comparison,
  alone: Record<string, number>,
  { runs, scale }: Modelled,
): string {
  const groups: [title: string, bars: Bar[]][] = phases.map((phase) => [
    phase,
    [
      ...tools.flatMap(({ name, samples }) => {
        if (samples[phase].length === 0) return [];
        const { seconds, requests } = medianSample(samples[phase]);
        return bar(name, seconds, `${requests.all} requests`);
      }),
      { name: "requests alone", seconds: alone[phase] ?? 0, colour: colours.alone },
    ],
  ]);
  groups.push([
    `first deploy, load balancer active after ${slowSeconds} s`,
    tools.flatMap(({ name, slow }) => (slow ? bar(name, slow.seconds) : [])),
  ]);
  for (const { what, seconds, critical, serial } of runs) {
    groups.push([
      `modelled AWS: ${what}, times divided by ${scale}`,
      [
        bar("multivac", seconds),
        { name: "critical path", seconds: critical, colour: colours.critical },
        { name: "in series", seconds: serial, colour: colours.grid },
      ],
    ]);
  }

  const rows = groups.reduce((sum, [, bars]) => sum + bars.length, 0);
  const drawing = picture(760, 20 + groups.length * 40 + rows * 20, "The whole time of each tool");
  let y = 24;
  for (const [title, bars] of groups) {
    drawing.text(16, y, title, { bold: true, size: 13 });
    y += 8;
    const longest = Math.max(...bars.map(({ seconds }) => seconds));
    for (const { name, seconds, colour, words } of bars) {
      const width = Math.max(1, (seconds / longest) * 440);
      drawing.text(120, y + 13, name, { anchor: "end" });
      drawing.rect(128, y + 2, width, 15, colour);
      drawing.text(134 + width, y + 14, [`${shown(seconds)} s`, words].filter(Boolean).join(", "));
      y += 20;
    }
    y += 32;
  }
  return drawing.document();
}

function bar(name: string, seconds: number, words?: string): Bar {
  return { name, seconds, colour: colours[name as keyof typeof colours] ?? colours.grid, ...(words ? { words } : {}) };
}

/** How time and requests grow, one small plot for each thing that grows. */
export function growthPlot(growths: readonly Growth[]): string {
  const [width, height] = [380, 240];
  const drawing = picture(width * 2, height * Math.ceil(growths.length / 2), "How time grows");
  for (const [index, { what, measured, points }] of growths.entries()) {
    const [left, top] = [(index % 2) * width + 48, Math.floor(index / 2) * height + 40];
    const [w, h] = [width - 80, height - 90];
    const mostSeconds = Math.max(...points.map(({ seconds }) => seconds)) * 1.25;
    const mostCount = Math.max(...points.map(({ count }) => count), 1);
    const x = (count: number) => left + (count / mostCount) * w;
    const y = (seconds: number) => top + h - (seconds / mostSeconds) * h;
    drawing.text(left, top - 16, `${what}: ${measured}`, { bold: true });
    for (const part of [0, 0.5, 1]) {
      const seconds = mostSeconds * part;
      drawing.line(
        [
          [left, y(seconds)],
          [left + w, y(seconds)],
        ],
        colours.grid,
      );
      drawing.text(left - 6, y(seconds) + 4, `${shown(seconds)} s`, { anchor: "end", size: 10 });
    }
    drawing.line(
      points.map(({ count, seconds }) => [x(count), y(seconds)] as const),
      colours.multivac,
    );
    let free = Number.NEGATIVE_INFINITY;
    for (const { count, seconds, requests } of points) {
      drawing.dot(x(count), y(seconds), colours.multivac);
      // Neighbours that are too near go without words.
      if (x(count) < free && count !== mostCount) continue;
      free = x(count) + 44;
      drawing.text(x(count), top + h + 16, `${count}`, { anchor: "middle", size: 10 });
      drawing.text(x(count), y(seconds) - 8, `${requests} req.`, { anchor: "middle", size: 10 });
    }
  }
  return drawing.document();
}

function shown(seconds: number): string {
  return seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1);
}
