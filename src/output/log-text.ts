import { plainLine } from "../aws/why.ts";
import type { LogLine } from "../documents.ts";
import type { Paint } from "./paint.ts";

/**
 * A line of an instance's log as a person reads it: its time, who wrote it where that is not the app, and before it the
 * instance, in a colour of its own, once there is more than one. Control characters of the app's do not get to the terminal.
 */
export function logText(paint: Paint, first: readonly string[]): (instanceId: string, line: LogLine) => string {
  const colours = [paint.cyan, paint.yellow, paint.green, paint.magenta, paint.blue];
  const seen = [...first];
  return (id, { time, source, message }) => {
    if (!seen.includes(id)) seen.push(id);
    const colour = colours[seen.indexOf(id) % colours.length] ?? paint.cyan;
    const parts = [
      ...(seen.length > 1 ? [colour(id)] : []),
      ...(time ? [paint.dim(time)] : []),
      ...(source && source !== "app" ? [`${source}:`] : []),
      plainLine(message),
    ];
    return parts.join(" ");
  };
}
