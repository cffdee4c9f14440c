import { plainLine } from "../aws/why.ts";
import type { LogLine } from "../documents.ts";

/** The unit of `templates/app.service.j2`. */
const unit = "app.service";

export interface Wanted {
  /** Lines from then on. */
  since?: Date | undefined;
  /** The last so many. */
  lines?: number | undefined;
}

export interface JournalLine extends LogLine {
  /** Its time in microseconds since 1970. */
  at: number;
}

/** The command line that prints the app's journal, in a form that `journalParser` understands; root may run it. */
export function journalCommand({ since, lines }: Wanted): string {
  return [
    "journalctl",
    `--unit=${unit}`,
    "--output=short-unix",
    "--no-hostname",
    "--all",
    "--quiet",
    "--no-pager",
    ...(since ? [`--since=@${since.getTime() / 1000}`] : []),
    `--lines=${lines ?? "all"}`,
  ].join(" ");
}

/**
 * The same, and what comes until stdin ends: a program that writes nothing would not notice that its reader is gone. The
 * first line is empty and tells that it runs.
 */
export function followingCommand(wanted: Wanted): string {
  const journal = `${journalCommand(wanted)} --follow`;
  return `echo; exec 3<&0; ${journal} & journal=$!; { cat <&3; kill $journal; } >/dev/null 2>&1 & exec 3<&-; wait $journal`;
}

/** Reads the journal's lines one after another: those that go on with a message of several lines are of its time. */
export function journalParser(): (line: string) => JournalLine | undefined {
  let last: (Pick<JournalLine, "at" | "time" | "source"> & { indent: number }) | undefined;
  return (line) => {
    const [begin = "", seconds, micros = "", source] =
      /^(\d+)\.(\d{6}) (?:([^\s:[\]]+)(?:\[\d+\])?: )?/.exec(line) ?? [];
    if (seconds === undefined) {
      if (!last || !line.startsWith(" ")) return undefined;
      const { at, time, source: from, indent } = last;
      return { at, time, source: from, message: line.slice(Math.min(indent, line.search(/\S|$/))) };
    }
    const at = Number(seconds) * 1_000_000 + Number(micros);
    const time = new Date(at / 1000).toISOString();
    last = { at, time, source: source ?? null, indent: begin.length };
    return { at, time, source: source ?? null, message: line.slice(begin.length) };
  };
}

/** The lines of a console, which have no time and no source that could be relied on. */
export function consoleLines(text: string, { lines }: Pick<Wanted, "lines">): LogLine[] {
  const all = text.split(/\r?\n/).map(plainLine).filter(Boolean);
  return (lines === undefined ? all : all.slice(-lines)).map((message) => ({ time: null, source: null, message }));
}
