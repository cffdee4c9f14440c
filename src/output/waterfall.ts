import type { Context } from "../session.ts";
import { hasColour } from "./colour.ts";
import { type CriticalPath, criticalPath, type Interval, measure } from "./critical-path.ts";
import { type Paint, paintFor } from "./paint.ts";
import { duration } from "./progress.ts";
import type { RunRecord } from "./record.ts";

interface Look {
  columns: number;
  paint: Paint;
  /** Whether the terminal shows more than ASCII. */
  unicode: boolean;
}

interface Row {
  name: string;
  milliseconds: number;
  bars: Interval[];
  critical: boolean;
}

/** A run that is shorter has no picture, in seconds. */
const worthwhile = 3;

/** What ran when, as a picture no wider than the terminal, the critical path marked; empty for a short run. */
function waterfall(record: RunRecord, { columns, paint, unicode }: Look): string {
  const end = record.seconds() * 1000;
  if (end < worthwhile * 1000) return "";
  const path = criticalPath(record, end);
  const critical = new Set(path.tasks);
  const rows: Row[] = record.tasks.map((task) => ({
    name: task.name,
    milliseconds: (task.end ?? end) - task.start,
    bars: [[task.start, task.end ?? end]],
    critical: critical.has(task),
  }));
  const shown = fold([...betweenTasks(record, path, end), ...rows], end);

  const names = Math.max(...shown.map(({ name }) => name.length));
  const nameWidth = Math.min(names, Math.floor(columns * 0.4));
  const times = shown.map(({ milliseconds }) => duration(milliseconds / 1000));
  const timeWidth = Math.max(...times.map(({ length }) => length));
  const width = Math.max(8, columns - nameWidth - timeWidth - 5);
  const marks = unicode ? { critical: "█", other: "▒", cut: "…" } : { critical: "#", other: "=", cut: "~" };
  const lines = shown.map((row, index) => {
    const name = row.name.length > nameWidth ? `${row.name.slice(0, nameWidth - 1)}${marks.cut}` : row.name;
    const bar = cells(row, end, width, row.critical ? marks.critical : marks.other);
    const painted = row.critical ? paint.cyan(bar) : paint.dim(bar);
    return `  ${name.padEnd(nameWidth)} ${paint.dim(times[index]?.padStart(timeWidth) ?? "")} ${painted}`.trimEnd();
  });
  const { aws, bake, person, own } = path;
  const parts = [
    ["AWS", aws],
    ["bake", bake],
    ["your answers", person],
    ["multivac", own],
  ] as const;
  const sums = parts
    .filter(([name, time]) => time >= 50 || name === "AWS" || name === "multivac")
    .map(([name, time]) => `${name} ${duration(time / 1000)}`);
  return [...lines, `  ${paint.cyan(marks.critical)} critical path: ${sums.join(", ")}`].join("\n");
}

/** Shows it where progress is shown, but not beside JSON. */
export function tellWaterfall({ record, report, options }: Pick<Context, "record" | "report" | "options">): void {
  if (options.json || options.quiet) return;
  const { stderr, env } = process;
  const paint = paintFor(hasColour(stderr, options.color, env));
  // The last column stays free: terminals differ in what they do after it.
  const columns = (stderr.columns || 80) - 1;
  const text = waterfall(record, { columns, paint, unicode: isUnicode(env) });
  if (text) report({ type: "note", text });
}

/** Calls and questions of no task that something waited for. */
function betweenTasks({ spans }: RunRecord, { gaps }: CriticalPath, end: number): Row[] {
  const row = (name: string, kinds: string[]): Row[] => {
    const bars = spans
      .filter(({ task, kind }) => task === undefined && kinds.includes(kind))
      .filter(({ start }) => gaps.some(([from, to]) => start >= from && start < to))
      .map((span): Interval => [span.start, span.end ?? end]);
    return bars.length > 0 ? [{ name, milliseconds: measure([...bars]), bars, critical: true }] : [];
  };
  return [...row("look at AWS", ["call", "wait"]), ...row("your answer", ["question"])];
}

/** Takes together what is too short to be seen and held nothing up. */
function fold(rows: Row[], end: number): Row[] {
  const isMinor = ({ critical, milliseconds }: Row) => !critical && milliseconds < end / 100;
  const minor = rows.filter(isMinor);
  if (minor.length < 3) return rows;
  const bars = minor.flatMap((row) => row.bars);
  const milliseconds = Math.max(...minor.map((row) => row.milliseconds));
  const rest = rows.filter((row) => !isMinor(row));
  return [...rest, { name: `${minor.length} others, each at most`, milliseconds, bars, critical: false }];
}

function cells({ bars }: Row, end: number, width: number, mark: string): string {
  const line = new Array<string>(width).fill(" ");
  for (const [start, stop] of bars) {
    const from = Math.min(width - 1, Math.floor((start / end) * width));
    line.fill(mark, from, Math.max(from + 1, Math.round((stop / end) * width)));
  }
  return line.join("").trimEnd();
}

/** Whether text beyond ASCII is shown, as the locale says (setlocale(3)): LC_ALL, else LC_CTYPE, else LANG. */
function isUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
}
