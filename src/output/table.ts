import { widthOf } from "./fit.ts";
import type { Paint } from "./paint.ts";

interface Row {
  /** Two characters before the row; blanks without it. */
  mark?: string;
  /** May have colours. */
  cells: readonly string[];
}

/**
 * Rows below a head, cell below cell. Where that is wider than the terminal, the last columns go on lines below, further
 * in, for the head and every row alike.
 */
export function table(head: readonly string[], rows: readonly Row[], columns: number, paint: Paint): string[] {
  const widths = head.map((title, column) =>
    Math.max(...[title, ...rows.map(({ cells }) => cells[column] ?? "")].map(widthOf)),
  );
  const groups = groupsOf(widths, columns);
  const linesOf = ({ mark = "  ", cells }: Row, look = (line: string) => line) =>
    groups.flatMap((group, index) => {
      const padded = group.map((column) => pad(cells[column] ?? "", widths[column] ?? 0));
      const line = padded.join("  ").trimEnd();
      return line === "" ? [] : [look(`${index === 0 ? mark : below}${line}`)];
    });
  return [...linesOf({ cells: head }, paint.dim), ...rows.flatMap((row) => linesOf(row))];
}

const below = " ".repeat(6);

/** The columns, line by line, as many as there is room for. */
function groupsOf(widths: readonly number[], columns: number): number[][] {
  const groups: number[][] = [];
  let at = Number.POSITIVE_INFINITY;
  for (const [column, width] of widths.entries()) {
    const last = groups.at(-1);
    if (last && at + 2 + width <= columns) {
      last.push(column);
      at += 2 + width;
    } else {
      at = (groups.length === 0 ? 2 : below.length) + width;
      groups.push([column]);
    }
  }
  return groups;
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - widthOf(cell)));
}
