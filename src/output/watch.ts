import { mayPass, pauseFor } from "../aws/wait.ts";
import type { Context } from "../session.ts";
import { observed } from "../spans.ts";
import { unlessStopped } from "../unless-stopped.ts";
import { hasColour } from "./colour.ts";
import type { Outcome } from "./document.ts";
import { type Live, liveOn } from "./live.ts";
import { clock } from "./moment.ts";
import { type Paint, paintFor } from "./paint.ts";

/** One thing that a look tells, for where only what has changed is shown. */
export interface Fact {
  /** What it is about: `instance i-0123456789abcdef0`. */
  about: string;
  text: string;
  /** Whether it is told when it is not there any more. */
  stays: boolean;
}

export interface Looked<Document extends object = object> extends Outcome<Document> {
  facts: readonly Fact[];
}

/**
 * Looks again and again until it is interrupted. A terminal has a view that redraws itself; elsewhere a line tells each
 * thing that has changed, with `--json` a document whenever something has. Trouble of AWS that may pass is told, and ends
 * nothing.
 */
export async function watch(context: Context, look: () => Promise<Looked>, seconds: number): Promise<never> {
  const { options } = context;
  const stop = context.follows();
  const { stdout, env } = process;
  const paint = paintFor(hasColour(stdout, options.color, env));
  const isLive = !options.json && stdout.isTTY && stdout.columns > 0 && !env.CI && env.TERM !== "dumb";
  const view = isLive ? liveView(liveOn(stdout), paint, seconds) : linesView(context);
  try {
    for (;;) {
      try {
        // Hours of looks are not worth a record of each call.
        view.show(await unlessStopped(observed(ignore, look), stop));
      } catch (error) {
        stop.throwIfAborted();
        if (!mayPass(error)) throw error;
        view.trouble(error as Error);
      }
      await observed(ignore, () => pauseFor(seconds * 1000, stop));
    }
  } finally {
    view.close();
  }
}

const ignore = () => undefined;

interface View {
  show(looked: Looked): void;
  trouble(error: Error): void;
  close(): void;
}

function liveView(live: Live, paint: Paint, seconds: number): View {
  let text = "";
  let at = "";
  const every = `every ${seconds} s; Ctrl-C ends`;
  live.draw([paint.dim("Looking …")]);
  return {
    show(looked) {
      text = looked.text;
      at = clock(new Date());
      live.draw(text.split("\n"), ["", paint.dim(`${at}, ${every}`)]);
    },
    trouble(error) {
      const since = at ? `This is from ${at}.` : "";
      live.draw(text.split("\n"), ["", paint.yellow(`${troubleText(error)} ${since}`), paint.dim(every)]);
    },
    close() {
      live.close();
      if (text) process.stdout.write(`${text}\n`);
    },
  };
}

function linesView({ emit, report }: Context): View {
  let facts = new Map<string, Fact>();
  let document = "";
  let troubled = false;
  return {
    show(looked) {
      troubled = false;
      const time = new Date();
      const now = new Map(looked.facts.map((fact) => [fact.about, fact]));
      const changed = looked.facts.filter(({ about, text }) => facts.get(about)?.text !== text);
      const gone = [...facts.values()].filter(({ about, stays }) => stays && !now.has(about));
      const lines = [...changed.map(({ text }) => text), ...gone.map(({ about }) => `${about} gone`)];
      facts = now;
      const before = document;
      document = JSON.stringify(looked.document);
      if (document === before) return;
      const at = `${time.toISOString().slice(0, 19)}Z`;
      emit({ ...looked.document, time: time.toISOString() }, lines.map((line) => `${at} ${line}`).join("\n"));
    },
    trouble(error) {
      if (!troubled) report({ type: "warning", text: troubleText(error) });
      troubled = true;
    },
    close: ignore,
  };
}

function troubleText({ name, message }: Error): string {
  return `AWS is in trouble (${name}${message && message !== name ? `: ${message}` : ""}); looking again.`;
}
