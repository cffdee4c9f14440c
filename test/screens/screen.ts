import terminal from "@xterm/headless";

/** A terminal's screen with all that has scrolled off it, as a person sees it. */
export interface Screen {
  /** Each line of the screen as it was written; one that the terminal itself had to break is longer than it is wide. */
  lines: { text: string; broken: boolean }[];
  /** The lines' texts, one below the other. */
  text: string;
  /** Whether the cursor can be seen. */
  cursor: boolean;
  /** The terminal, for what else is to be known of it. */
  terminal: terminal.Terminal;
}

/** What a terminal of so many columns shows of what it was sent. */
export async function screenOf(sent: string, columns: number, rows = 30): Promise<Screen> {
  const shown = new terminal.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  await new Promise<void>((resolve) => shown.write(sent, resolve));
  const { active } = shown.buffer;
  const lines: Screen["lines"] = [];
  for (let row = 0; row < active.length; row += 1) {
    const line = active.getLine(row);
    if (!line) break;
    const text = line.translateToString(false);
    const last = lines.at(-1);
    if (line.isWrapped && last) Object.assign(last, { text: last.text + text, broken: true });
    else lines.push({ text, broken: false });
  }
  for (const line of lines) line.text = line.text.trimEnd();
  while (lines.at(-1)?.text === "") lines.pop();
  const cursor = sent.lastIndexOf("\u001b[?25l") <= sent.lastIndexOf("\u001b[?25h");
  return { lines, text: lines.map(({ text }) => text).join("\n"), cursor, terminal: shown };
}
