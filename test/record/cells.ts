import type terminal from "@xterm/headless";

/** Neighbouring cells of a row that look the same. */
export interface Run {
  column: number;
  text: string;
  /** 0 to 15 of the terminal's palette; undefined for its own colour. */
  colour: number | undefined;
  bold: boolean;
  dim: boolean;
}

/** What a terminal's rows show, from the top of its screen. */
export function rowsOf({ buffer, rows, cols }: terminal.Terminal): Run[][] {
  const { active } = buffer;
  return Array.from({ length: rows }, (_, index) => {
    const line = active.getLine(active.baseY + index);
    const runs: Run[] = [];
    for (let column = 0; column < cols; column += 1) {
      const cell = line?.getCell(column);
      if (!cell || cell.getWidth() === 0) continue;
      const look = {
        colour: cell.isFgPalette() ? cell.getFgColor() : undefined,
        bold: cell.isBold() !== 0,
        dim: cell.isDim() !== 0,
      };
      const text = cell.getChars() || " ";
      const last = runs.at(-1);
      const same = last && last.colour === look.colour && last.bold === look.bold && last.dim === look.dim;
      if (same) last.text += text;
      else runs.push({ column, text, ...look });
    }
    return runs.filter(({ text }) => text.trim() !== "");
  });
}
