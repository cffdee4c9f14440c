/** A moment in this machine's time zone: `18:04:05`, and with its day where that is not today. */
export function clock(moment: Date, now = new Date()): string {
  const time = moment.toTimeString().slice(0, 8);
  if (moment.toDateString() === now.toDateString()) return time;
  const day = [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()].map((part) => `${part}`.padStart(2, "0"));
  return `${day.join("-")} ${time}`;
}
