import { Failure } from "./failure.ts";

const milliseconds = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** ISO 8601 calendar dates: a day, or a day with a time of day and, where it is not this machine's, its offset. */
const isoDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * The moment that a `--since` names: so long before `now` (`90s`, `10m`, `2h`, `3d`, also together like `1h30m`), or a
 * date of ISO 8601. A day alone, or a time without an offset, is of this machine's time zone. Throws a `Failure`
 * (`wrong-call`) for anything else, and for what is still to come.
 */
export function parseSince(text: string, now: Date): Date {
  const since = before(text, now) ?? isoMoment(text);
  if (since === undefined || Number.isNaN(since.getTime())) throw wrongCall(`"${text}" is no time to begin at.`);
  if (since > now) throw wrongCall(`--since ${text} is still to come: ${since.toISOString()}.`);
  return since;
}

function before(text: string, now: Date): Date | undefined {
  if (!/^(\d{1,9}[smhd])+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)([smhd])/g)];
  const length = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * milliseconds[unit as keyof typeof milliseconds],
    0,
  );
  return new Date(now.getTime() - length);
}

function isoMoment(text: string): Date | undefined {
  if (!isoDate.test(text)) return undefined;
  const [day = ""] = text.split(/t/i);
  // A Date would take the 31st of June for the 1st of July, and a day alone for one of UTC.
  if (!new Date(`${day}T00:00Z`).toJSON()?.startsWith(day)) return undefined;
  const time = text.slice(day.length).toUpperCase().replace(",", ".");
  return new Date(`${day}${time || "T00:00"}`.replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
}

function wrongCall(message: string): Failure {
  return new Failure({
    code: "wrong-call",
    message,
    fix: "Give --since as 90s, 10m, 2h or 3d, or as a date like 2026-03-01T12:00:00Z.",
  });
}
