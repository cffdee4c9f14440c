import { writeSync } from "node:fs";
import { wrap } from "./wrap.ts";

export interface Live {
  /** Puts these lines in place of what is shown: long ones are broken, and those that do not fit left out before the foot. */
  draw(lines: readonly string[], foot?: readonly string[]): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** Control sequences of xterm ("XTerm Control Sequences"); 2026 makes a terminal that knows it show a frame at once. */
const csi = "\u001b[";
const enter = `${csi}?1049h${csi}?25l${csi}2J`;
const leave = `${csi}?25h${csi}?1049l`;
const begin = `${csi}?2026h${csi}H`;
const finish = `${csi}J${csi}?2026l`;

/**
 * A view that redraws itself on a terminal's other screen, so that what was there before comes back however the process
 * ends. It is drawn over itself line by line, which does not flicker, and anew when the terminal's size changes.
 */
export function liveOn(stream: NodeJS.WriteStream): Live {
  let shown: readonly string[] = [];
  let below: readonly string[] = [];
  let open = true;
  const redraw = () => {
    // What is written into the last column would be erased with the end of its line.
    const columns = Math.max(20, (stream.columns || 80) - 1);
    const [lines, foot] = [shown, below].map((some) => some.flatMap((line) => wrap(line, columns))) as [
      string[],
      string[],
    ];
    const room = Math.max(1, (stream.rows || 24) - foot.length);
    const fitting =
      lines.length > room ? [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`] : lines;
    stream.write(`${begin}${[...fitting, ...foot].map((line) => `${line}${csi}K`).join("\r\n")}${finish}`);
  };
  const back = () => {
    if (open) writeSync(1, leave);
    open = false;
  };
  const resized = () => {
    stream.write(`${csi}2J`);
    redraw();
  };
  const suspended = () => {
    writeSync(1, leave);
    process.kill(process.pid, "SIGSTOP");
  };
  const continued = () => {
    stream.write(enter);
    redraw();
  };
  stream.write(enter);
  stream.on("resize", resized);
  process.on("exit", back);
  process.on("SIGTSTP", suspended);
  process.on("SIGCONT", continued);
  // Heals what somebody types into it.
  const ticking = setInterval(redraw, 1000).unref();
  return {
    draw(lines, foot = []) {
      shown = lines;
      below = foot;
      redraw();
    },
    close() {
      clearInterval(ticking);
      stream.off("resize", resized);
      process.off("exit", back);
      process.off("SIGTSTP", suspended);
      process.off("SIGCONT", continued);
      back();
    },
  };
}
