/** A moment in this machine's time zone: `2026-01-31 18:04:05`. */
export function dayAndTime(moment: Date): string {
  const day = [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()].map((part) => `${part}`.padStart(2, "0"));
  return `${day.join("-")} ${moment.toTimeString().slice(0, 8)}`;
}

/** The same, as `18:04:05` where it is of today. */
export function clock(moment: Date, now = new Date()): string {
  const whole = dayAndTime(moment);
  return moment.toDateString() === now.toDateString() ? whole.slice("2026-01-31 ".length) : whole;
}

/** The name of this machine's time zone; where it has none, what it is ahead of UTC: `UTC+09:00`. */
export function timeZoneName(now = new Date()): string {
  const name: string | undefined = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (name && name !== "Etc/Unknown") return name;
  const ahead = -now.getTimezoneOffset();
  const [hours, minutes] = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
  return `UTC${ahead < 0 ? "-" : "+"}${`${hours}`.padStart(2, "0")}:${`${minutes}`.padStart(2, "0")}`;
}
