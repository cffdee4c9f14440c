import terminal from "@xterm/headless";
import { rowsOf } from "./cells.ts";
import type { Frame } from "./picture.ts";

interface Recorded {
  columns: number;
  rows: number;
  /** Seconds between two looks at the terminal. */
  every: number;
  /** How many times as fast as it was the picture plays. */
  speed: number;
}

/** What a terminal shows of a run, look by look; looks that find nothing new are left out. */
export async function framesOf(
  shown: readonly [seconds: number, text: string][],
  { columns, rows, every, speed }: Recorded,
): Promise<Frame[]> {
  const screen = new terminal.Terminal({ cols: columns, rows, allowProposedApi: true });
  const frames: Frame[] = [];
  const rest = [...shown];
  const end = (shown.at(-1)?.[0] ?? 0) + every;
  for (let at = 0; at <= end + every; at += every) {
    const until = rest.findIndex(([seconds]) => seconds > at);
    const sent = rest.splice(0, until < 0 ? rest.length : until).map(([, text]) => text);
    await new Promise<void>((resolve) => screen.write(sent.join(""), resolve));
    const now = rowsOf(screen);
    if (JSON.stringify(now) !== JSON.stringify(frames.at(-1)?.rows)) frames.push({ at: at / speed, rows: now });
  }
  return frames;
}
