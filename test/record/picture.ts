import type { Run } from "./cells.ts";

/** Rows of a terminal, as an SVG picture: still, or played. */

/** What the terminal shows from a moment on, in seconds of the picture's time. */
export interface Frame {
  at: number;
  rows: Run[][];
}

interface Look {
  columns: number;
  rows: number;
  title: string;
}

/** Of one cell, and around all, in pixels. */
const cell = { width: 8, height: 18, base: 13 };
const around = { side: 16, top: 34, bottom: 14 };

const background = "#0d1117";
const ink = "#d3dae3";
const palette = [
  "#484f58",
  "#ff7b72",
  "#3fb950",
  "#d29922",
  "#58a6ff",
  "#bc8cff",
  "#39c5cf",
  "#b1bac4",
  "#6e7681",
  "#ffa198",
  "#56d364",
  "#e3b341",
  "#79c0ff",
  "#d2a8ff",
  "#56d4dd",
  "#f0f6fc",
];

/** One picture that does not move. */
export function still(rows: Run[][], look: Look): string {
  return frameAround(rows.map((row, index) => rowText(row, index)).join(""), "", look);
}

/**
 * A picture that plays the frames again and again until `seconds` are over. What does not play it, or is asked for less
 * motion, shows the last frame.
 */
export function played(frames: readonly Frame[], seconds: number, look: Look): string {
  const spans = new Map<string, string>();
  for (let row = 0; row < look.rows; row += 1) {
    for (const { from, to, text } of lifeOf(frames, row)) {
      const key = `${from} ${to}`;
      spans.set(key, (spans.get(key) ?? "") + text);
    }
  }
  const percent = (at: number) => `${Number(((at / seconds) * 100).toFixed(2))}%`;
  let styles = "";
  let body = "";
  for (const [index, [key, text]] of [...spans].entries()) {
    const [from = "0", to] = key.split(" ");
    const isLast = to === "end";
    if (isLast && from === "0") {
      body += text;
      continue;
    }
    const hides = isLast ? "" : `${percent(Number(to))}{visibility:hidden}`;
    const hidden = from === "0" ? "" : "0%{visibility:hidden}";
    styles += `@keyframes f${index}{${hidden}${percent(Number(from))}{visibility:visible}${hides}}#f${index}{animation-name:f${index}}`;
    body += `<g id="f${index}"${isLast ? "" : ' visibility="hidden"'}>${text}</g>`;
  }
  const play = `g{animation-duration:${seconds}s;animation-timing-function:step-end;animation-iteration-count:infinite}`;
  return frameAround(body, `@media (prefers-reduced-motion: no-preference){${play}${styles}}`, look);
}

/** What a row shows in turn, and from when until when. */
function lifeOf(frames: readonly Frame[], row: number): { from: number; to: number | "end"; text: string }[] {
  const life: { from: number; to: number | "end"; text: string }[] = [];
  for (const { at, rows } of frames) {
    const text = rowText(rows[row] ?? [], row);
    const last = life.at(-1);
    if (last?.text === text) continue;
    if (last) last.to = at;
    life.push({ from: at, to: "end", text });
  }
  return life.filter(({ text }) => text !== "");
}

function rowText(runs: readonly Run[], row: number): string {
  return runs.map((run) => runText(run, row)).join("");
}

function runText({ column, text, colour, bold, dim }: Run, row: number): string {
  const fill = colour === undefined ? ink : (palette[colour] ?? ink);
  const [x, y] = [around.side + column * cell.width, around.top + row * cell.height];
  const look = `${colour === undefined ? "" : ` fill="${fill}"`}${dim ? ' opacity=".62"' : ""}`;
  if (/^[█▒\s]+$/.test(text)) {
    return [...text.matchAll(/[█▒]+/g)]
      .map(({ index, 0: bar }) => {
        const size = `width="${bar.length * cell.width}" height="${cell.height - 6}" rx="1.5"`;
        return `<rect x="${x + index * cell.width}" y="${y + 3}" ${size}${look}/>`;
      })
      .join("");
  }
  const shown = text.trimEnd();
  const start = shown.length - shown.trimStart().length;
  const words = shown.trimStart();
  const weight = bold ? ' font-weight="700"' : "";
  return `<text x="${x + start * cell.width}" y="${y + cell.base}" textLength="${words.length * cell.width}"${weight}${look}>${escaped(words)}</text>`;
}

function frameAround(body: string, styles: string, { columns, rows, title }: Look): string {
  const width = columns * cell.width + 2 * around.side;
  const height = rows * cell.height + around.top + around.bottom;
  const fonts = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";
  const dots = ["#ff5f57", "#febc2e", "#28c840"]
    .map((fill, index) => `<circle cx="${around.side + 6 + index * 18}" cy="17" r="5" fill="${fill}"/>`)
    .join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>text{white-space:pre}${styles}</style>
<rect width="${width}" height="${height}" rx="8" fill="${background}"/>${dots}
<g xml:space="preserve" fill="${ink}" font-family="${fonts}" font-size="13.3">${body}</g>
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
