/** A word of Python source. A string's `value` is its text, undefined where it holds expressions (an f-string). */
export interface Token {
  kind: "name" | "string" | "number" | "operator";
  text: string;
  value?: string | undefined;
}

/** A statement, or its first line where a block follows. Brackets and backslashes join lines; `;` parts them. */
export interface LogicalLine {
  /** Columns of white space before it; a tab goes to the next multiple of 8. */
  indent: number;
  tokens: Token[];
}

/**
 * The logical lines of Python source ("Lexical analysis", Python language reference), without comments. It takes any
 * text and never throws: what is no Python gives tokens that mean nothing.
 */
export function logicalLines(source: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let tokens: Token[] = [];
  let depth = 0;
  let indent = 0;
  let atStart = true;
  const endLine = () => {
    if (tokens.length > 0) lines.push({ indent, tokens });
    tokens = [];
  };
  for (let at = source.startsWith("\ufeff") ? 1 : 0; at < source.length; ) {
    const skipped = matchAt(/(?:[ \t\f]|\\\r?\n)+/y, source, at) ?? "";
    if (atStart && depth === 0) indent = columns(skipped);
    at += skipped.length;
    const comment = matchAt(/#[^\r\n]*/y, source, at) ?? "";
    at += comment.length;
    const newline = matchAt(/\r\n|\n|\r/y, source, at);
    if (newline !== undefined) {
      at += newline.length;
      if (depth > 0) continue;
      endLine();
      atStart = true;
      continue;
    }
    const token = tokenAt(source, at);
    if (!token) break;
    atStart = false;
    at += token.text.length;
    if (token.text === ";" && depth === 0) {
      endLine();
      continue;
    }
    if (token.kind === "operator") {
      if ("([{".includes(token.text)) depth += 1;
      if (")]}".includes(token.text)) depth = Math.max(0, depth - 1);
    }
    tokens.push(token);
  }
  endLine();
  return lines;
}

function tokenAt(source: string, at: number): Token | undefined {
  const start = matchAt(/(?:[rbuft]|rb|br|rf|fr|rt|tr)?(?:"""|'''|"|')/iy, source, at);
  if (start !== undefined) return stringAt(source, at, start);
  const name = matchAt(/[\p{L}_][\p{L}\p{N}_]*/uy, source, at);
  if (name !== undefined) return { kind: "name", text: name };
  const number = matchAt(/\.?\d[\p{L}\p{N}_.]*/uy, source, at);
  if (number !== undefined) return { kind: "number", text: number };
  const operator = matchAt(/->|:=|\.\.\.|\*\*=?|\/\/=?|<<=?|>>=?|[-+*/%&|^@=!<>]=|./suy, source, at);
  return operator === undefined ? undefined : { kind: "operator", text: operator };
}

function stringAt(source: string, at: number, start: string): Token {
  const quote = /"""|'''|"|'/.exec(start)?.[0] ?? '"';
  const prefix = start.slice(0, -quote.length).toLowerCase();
  const end = endOfString(source, at + start.length, quote, /[ft]/.test(prefix));
  const text = source.slice(at, end);
  if (/[ft]/.test(prefix)) return { kind: "string", text };
  const inner = text.slice(start.length, text.endsWith(quote) ? -quote.length : undefined);
  return { kind: "string", text, value: prefix.includes("r") ? inner : unescaped(inner) };
}

/** Where a string ends: after its quotes, or with the line or the text where they are missing. */
function endOfString(source: string, from: number, quote: string, formatted: boolean): number {
  let at = from;
  while (at < source.length) {
    if (source.startsWith(quote, at)) return at + quote.length;
    if (source[at] === "\\") at += source.startsWith("\r\n", at + 1) ? 3 : 2;
    else if (quote.length === 1 && /[\r\n]/.test(source[at] ?? "")) return at;
    else if (formatted && source.startsWith("{{", at)) at += 2;
    else if (formatted && source[at] === "{") at = endOfExpression(source, at + 1, quote);
    else at += 1;
  }
  return source.length;
}

/** Where an expression in an f-string ends; it may hold strings, since Python 3.12 also of the same quotes. */
function endOfExpression(source: string, from: number, quote: string): number {
  let depth = 1;
  let at = from;
  while (at < source.length && depth > 0) {
    const char = source[at] ?? "";
    if (quote.length === 1 && /[\r\n]/.test(char)) return at;
    if (char === "'" || char === '"') {
      const inner = matchAt(/"""|'''|"|'/y, source, at) ?? char;
      at = endOfString(source, at + inner.length, inner, false);
      continue;
    }
    if ("([{".includes(char)) depth += 1;
    if (")]}".includes(char)) depth -= 1;
    at += 1;
  }
  return at;
}

function unescaped(text: string): string {
  const known: Record<string, string> = { n: "\n", t: "\t", r: "\r", "\n": "" };
  return text.replace(/\\(.)/gs, (whole, char: string) => known[char] ?? (/[\\'"]/.test(char) ? char : whole));
}

function columns(space: string): number {
  const last = space.split(/\r?\n/).at(-1) ?? "";
  return [...last].reduce((sum, char) => (char === "\t" ? sum - (sum % 8) + 8 : sum + 1), 0);
}

function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
