// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of
const pieces = /\u001b\[[0-9;]*m|\s+|[^\s\u001b]+|\u001b/g;

/** A line with colours as lines of at most so many columns, broken between words where that goes; those after the first are indented. */
export function wrap(line: string, columns: number, indent = 4): string[] {
  const lines: string[] = [];
  let current = "";
  let width = 0;
  let isBlank = true;
  const breakLine = () => {
    lines.push(current.trimEnd());
    current = " ".repeat(indent);
    width = indent;
    isBlank = true;
  };
  for (const [piece] of line.matchAll(pieces)) {
    if (piece.startsWith("\u001b")) {
      current += piece;
      continue;
    }
    let rest = [...piece];
    if (piece.trim() === "" && width + rest.length > columns) continue;
    if (width + rest.length > columns && !isBlank) breakLine();
    while (width + rest.length > columns && columns > indent) {
      current += rest.slice(0, columns - width).join("");
      rest = rest.slice(columns - width);
      breakLine();
    }
    current += rest.join("");
    width += rest.length;
    isBlank &&= piece.trim() === "";
  }
  return [...lines, current.trimEnd()];
}
