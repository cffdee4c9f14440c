import type { Ora } from "ora";
import type { ProgressEvent, Report } from "../progress.ts";
import { columnsOf, fit } from "./fit.ts";
import { type Paint, paintFor } from "./paint.ts";
import { shortId } from "./short-id.ts";

export interface Screen {
  stream: NodeJS.WriteStream;
  colour: boolean;
  /** A terminal that shows a spinner; otherwise plain lines. */
  live: boolean;
  quiet: boolean;
  verbose: boolean;
}

interface Running {
  start: number;
  text: string;
}

/**
 * Shows progress: on a terminal a spinner with what is running, and a line for what is done, with its time and id;
 * elsewhere plain lines. `clear` takes the spinner away, for the end or for a question.
 */
export async function progressOn(screen: Screen): Promise<{ report: Report; clear(): void }> {
  const { stream, colour, live, quiet, verbose } = screen;
  const paint = paintFor(colour);
  const spinner = live ? await makeSpinner(stream, colour) : undefined;
  const running = new Map<string, Running>();
  let ticking: NodeJS.Timeout | undefined;

  const refresh = () => {
    if (!spinner) return;
    if (running.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
      if (spinner.isSpinning) spinner.stop();
      return;
    }
    spinner.text = runningText(running, stream.columns ?? 80, paint);
    if (!spinner.isSpinning) spinner.start();
    ticking ??= setInterval(refresh, 500).unref();
  };

  const report: Report = (event) => {
    const line = lineFor(event, running, paint, live, verbose);
    track(event, running);
    const important = event.type === "warning" || (event.type === "end" && event.outcome === "failed");
    // Before the line, below which the spinner shows itself again.
    if (!quiet) refresh();
    if (line && (!quiet || important)) stream.write(`${fit(line, columnsOf(stream))}\n`);
  };
  const clear = () => {
    running.clear();
    refresh();
  };
  return { report, clear };
}

async function makeSpinner(stream: NodeJS.WriteStream, colour: boolean): Promise<Ora> {
  const { default: ora } = await import("ora");
  return ora({ stream, discardStdin: false, hideCursor: true, color: colour ? "cyan" : false });
}

function track(event: ProgressEvent, running: Map<string, Running>): void {
  if (event.type === "start") running.set(event.task, { start: performance.now(), text: "" });
  else if (event.type === "end") running.delete(event.task);
  else if (event.type === "update") {
    const task = running.get(event.task);
    if (task) task.text = event.text;
  }
}

/** The line an event leaves on the screen, if any. */
function lineFor(
  event: ProgressEvent,
  running: Map<string, Running>,
  paint: Paint,
  live: boolean,
  verbose: boolean,
): string | undefined {
  switch (event.type) {
    case "start":
      return undefined;
    case "update":
      return live || running.get(event.task)?.text === event.text ? undefined : `  ${event.task}: ${event.text}`;
    case "end": {
      const mark =
        event.outcome === "done" ? paint.green("✔") : event.outcome === "failed" ? paint.red("✖") : paint.yellow("■");
      const took = seconds(running.get(event.task)?.start);
      const rest = [event.text, event.id && shortId(event.id)].filter(Boolean).join(" ");
      return `${mark} ${event.task} ${paint.dim(`${took}${rest ? `  ${rest}` : ""}`)}`;
    }
    case "note":
      return event.text;
    case "warning":
      return `${paint.yellow("!")} ${event.text}`;
    case "detail":
      return verbose ? paint.dim(event.text) : undefined;
    case "usable":
    case "begin":
    case "finish":
      return undefined;
  }
}

function runningText(running: Map<string, Running>, columns: number, paint: Paint): string {
  const lines = [...running].map(([task, { start, text }]) => {
    const line = `${task} ${seconds(start)}${text ? `  ${text}` : ""}`;
    const width = Math.max(20, columns - 4);
    return line.length > width ? `${line.slice(0, width - 1)}…` : line;
  });
  const [first = "", ...more] = lines;
  return [first, ...more.map((line) => `  ${line}`)].map((line, index) => (index ? paint.dim(line) : line)).join("\n");
}

function seconds(start: number | undefined): string {
  return start === undefined ? "" : duration((performance.now() - start) / 1000);
}

/** `4.2 s`, `1 min 04 s` */
export function duration(total: number): string {
  if (total < 60) return `${total.toFixed(1)} s`;
  return `${Math.floor(total / 60)} min ${String(Math.floor(total % 60)).padStart(2, "0")} s`;
}
