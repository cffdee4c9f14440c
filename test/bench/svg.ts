/** A picture of boxes, lines and words. */
export interface Picture {
  rect(x: number, y: number, width: number, height: number, colour: string): void;
  line(points: readonly (readonly [number, number])[], colour: string, dashed?: boolean): void;
  dot(x: number, y: number, colour: string): void;
  text(
    x: number,
    y: number,
    words: string,
    look?: { size?: number; anchor?: "start" | "middle" | "end"; bold?: boolean },
  ): void;
  /** The whole as an SVG document. */
  document(): string;
}

export function picture(width: number, height: number, title: string): Picture {
  const parts: string[] = [];
  const at = (number: number) => number.toFixed(1);
  return {
    rect: (x, y, w, h, colour) =>
      void parts.push(`<rect x="${at(x)}" y="${at(y)}" width="${at(w)}" height="${at(h)}" fill="${colour}"/>`),
    line: (points, colour, dashed = false) =>
      void parts.push(
        `<polyline points="${points.map(([x, y]) => `${at(x)},${at(y)}`).join(" ")}" fill="none" stroke="${colour}" stroke-width="1.5"${dashed ? ' stroke-dasharray="4 3"' : ""}/>`,
      ),
    dot: (x, y, colour) => void parts.push(`<circle cx="${at(x)}" cy="${at(y)}" r="3" fill="${colour}"/>`),
    text: (x, y, words, { size = 12, anchor = "start", bold = false } = {}) =>
      void parts.push(
        `<text x="${at(x)}" y="${at(y)}" font-size="${size}" text-anchor="${anchor}"${bold ? ' font-weight="bold"' : ""}>${escaped(words)}</text>`,
      ),
    document: () =>
      [
        `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" fill="#222">`,
        `<title>${escaped(title)}</title>`,
        `<rect width="${width}" height="${height}" fill="#fff"/>`,
        ...parts,
        "</svg>\n",
      ].join("\n"),
  };
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
