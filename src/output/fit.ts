import { stripVTControlCharacters } from "node:util";

/** How wide text to a stream may be: a terminal's columns; without end for a pipe, and where a terminal does not tell. */
export function columnsOf({ isTTY, columns }: { isTTY?: boolean; columns?: number }): number {
  return isTTY && columns ? columns : Number.POSITIVE_INFINITY;
}

/**
 * The text with every line that is wider than `columns` broken between cells (two spaces apart) or words, what follows
 * hanging below the first cell or the mark. Never broken, however narrow the terminal, so that it can still be copied:
 * a word, what stands in backquotes, and a command that ends its line after a colon.
 */
export function fit(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => (widthOf(line) <= columns ? [line] : broken(line, columns)))
    .join("\n");
}

export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** A word, with the blanks before it. Codes among the blanks stay where the blanks go. */
interface Word {
  blanks: string;
  codes: string;
  text: string;
  width: number;
}

function broken(line: string, columns: number): string[] {
  const words = wordsOf(line);
  const { outer, inner } = hangingOf(stripVTControlCharacters(line), columns);
  const lines: string[] = [];
  let current = "";
  let at = 0;
  const put = (word: Word) => {
    current += word.blanks + word.text;
    at += widthOf(word.blanks) + word.width;
  };
  const breakBefore = (word: Word, wanted: number) => {
    const indent = wanted + word.width > columns ? Math.min(outer, wanted) : wanted;
    lines.push(current);
    current = " ".repeat(indent) + word.codes + word.text;
    at = indent + word.width;
  };
  for (const cell of cellsOf(words)) {
    const width = cell.reduce((sum, word, index) => sum + word.width + (index ? widthOf(word.blanks) : 0), 0);
    for (const [index, word] of cell.entries()) {
      const needed = widthOf(word.blanks) + (index === 0 && inner + width <= columns ? width : word.width);
      if (at === 0 || at + needed <= columns) put(word);
      else breakBefore(word, inner);
    }
  }
  return [...lines, current];
}

/** Words that stand together: two blanks or more begin another cell. */
function cellsOf(words: readonly Word[]): Word[][] {
  const cells: Word[][] = [];
  for (const word of words) {
    const cell = cells.at(-1);
    if (cell && widthOf(word.blanks) < 2) cell.push(word);
    else cells.push([word]);
  }
  return cells;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours, and what makes a link of a text (OSC 8)
const code = /^(?:\u001b\[[0-9;]*m|\u001b\]8;;[^\u001b\u0007]*(?:\u001b\\|\u0007))/;

function wordsOf(line: string): Word[] {
  const command = commandAt(stripVTControlCharacters(line));
  const words: Word[] = [];
  let [blanks, codes, text, seen, quoted] = ["", "", "", 0, false];
  const end = () => {
    if (!text) return;
    words.push({ blanks, codes, text, width: widthOf(text) });
    [blanks, codes, text] = ["", "", ""];
  };
  for (let rest = line; rest; ) {
    const found = code.exec(rest)?.[0];
    const [char = ""] = rest;
    const taken = found ?? char;
    if (found && !text) [blanks, codes] = [blanks + found, codes + found];
    else if (found || char !== " ") text += taken;
    else if (text && (quoted || seen >= command)) text += char;
    else {
      end();
      blanks += char;
    }
    if (!found) seen += char.length;
    if (taken === "`") quoted = !quoted;
    rest = rest.slice(taken.length);
  }
  end();
  const last = words.at(-1);
  if (last) last.text += codes;
  return words;
}

const programs = /: +(?=(?:sudo |env )?(?:multivac|npx multivac|node \S+|aws|apt-get|npm|packer|python3|pip) \S)/;

/** Where a command begins that ends the line; beyond the end where there is none. */
function commandAt(plain: string): number {
  const found = programs.exec(plain);
  return found ? found.index + found[0].length : plain.length;
}

/** Where what is broken goes on: below the mark, or behind the indentation, and below the first cell where that is not too far right. */
function hangingOf(plain: string, columns: number): { outer: number; inner: number } {
  const [lead = "", mark] = /^ *([✖✔■→!+~±*-] (?=\S))?/.exec(plain) ?? [];
  const outer = mark ? lead.length : lead.length + 2;
  const gap = /\S {2,}(?=\S)/.exec(plain.slice(lead.length));
  const cell = gap ? lead.length + gap.index + gap[0].length : outer;
  return { outer, inner: cell <= columns / 2 ? cell : outer };
}
