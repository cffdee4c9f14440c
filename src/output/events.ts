import type { StackEvent } from "../documents.ts";
import { dayAndTime, timeZoneName } from "./moment.ts";
import type { Paint } from "./paint.ts";

/** A stack's events as a person reads them, newest last: a line each, in this machine's time. */
export function eventsText(key: string, events: readonly StackEvent[], paint: Paint): string {
  const rows = events.map((event) => ({ event, time: dayAndTime(new Date(event.time)), release: event.release ?? "" }));
  const release = Math.max("release".length, ...rows.map((row) => row.release.length));
  const what = Math.max("what".length, ...events.map((event) => event.what.length));
  const line = (...[time, of, is, why]: [string, string, string, string]) =>
    `${time.padEnd(19)}  ${of.padEnd(release)}  ${is.padEnd(what)}  ${why}`.trimEnd();
  return [
    `${paint.bold(key)}  ${paint.dim(`times of ${timeZoneName()}`)}`,
    paint.dim(line("time", "release", "what", "why")),
    ...rows.map(({ event, ...row }) => {
      const text = line(row.time, row.release, event.what, whyText(event));
      return colourOf(event, paint)(text);
    }),
  ].join("\n");
}

function whyText({ cause, by }: StackEvent): string {
  return [cause, by && `by ${by.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, "")}`].filter(Boolean).join(", ");
}

function colourOf({ kind, status = "" }: StackEvent, paint: Paint): (text: string) => string {
  if (/^(Failed|RollbackFailed|failed)$/.test(status)) return paint.red;
  if (/^(Cancelled|RollbackSuccessful)$/.test(status)) return paint.yellow;
  return kind === "deploy" || kind === "rollback" || kind === "roll-end" ? paint.green : (text) => text;
}
