import type { Token } from "./tokens.ts";

/** What an expression begins with: a name with attributes, perhaps called, perhaps with attributes of the result. */
export interface Expression {
  /** Like `flask.Flask`; empty where the expression begins with anything else than a name. */
  path: string;
  /** The positional arguments of its first call; undefined where it is not called. */
  args: Expression[] | undefined;
  /** The keyword arguments of that call. */
  keywords: Map<string, Expression>;
  /** Attributes after the call: `.server` of `Dash(__name__).server`. */
  after: string;
  /** Its text, where it is one string. */
  string?: string | undefined;
  tokens: readonly Token[];
  /** What was assigned to the same name before. */
  before?: Expression | undefined;
}

/** How deep calls are read in calls: each level is read again, and no application is made deeper. */
const deepest = 10;

/** Reads an expression as far as it is a name, attributes and a call; what follows after that is passed over. */
export function expression(tokens: readonly Token[], depth = 0): Expression {
  const [first] = tokens;
  const none = { path: "", args: undefined, keywords: new Map(), after: "", tokens };
  if (first?.kind === "string" && tokens.length === 1) return { ...none, string: first.value };
  if (depth > deepest) return none;
  if (first?.text === "(" && closing(tokens, 0) === tokens.length - 1)
    return expression(tokens.slice(1, -1), depth + 1);
  if (first?.text === "await") return expression(tokens.slice(1), depth + 1);
  const [path, afterPath] = dotted(tokens, 0);
  if (tokens[afterPath]?.text !== "(") return { ...none, path };
  const end = closing(tokens, afterPath);
  const args: Expression[] = [];
  const keywords = new Map<string, Expression>();
  for (const part of split(tokens.slice(afterPath + 1, end), ",")) {
    const [name, equals] = part;
    if (name?.kind === "name" && equals?.text === "=") keywords.set(name.text, expression(part.slice(2), depth + 1));
    else if (part.length > 0) args.push(expression(part, depth + 1));
  }
  const [after] = tokens[end + 1]?.text === "." ? dotted(tokens, end + 2) : [""];
  return { ...none, path, args, keywords, after };
}

/** A dotted name at a place, and where it ends. */
export function dotted(tokens: readonly Token[], from: number): [path: string, end: number] {
  let at = from;
  let path = "";
  while (tokens[at]?.kind === "name") {
    path += tokens[at]?.text;
    at += 1;
    if (tokens[at]?.text !== "." || tokens[at + 1]?.kind !== "name") break;
    path += ".";
    at += 1;
  }
  return [path, at];
}

/** Where the bracket at `open` is closed, or the end. */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const { kind, text } = tokens[at] as Token;
    if (kind !== "operator") continue;
    if ("([{".includes(text)) depth += 1;
    if (")]}".includes(text)) depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length;
}

/** Parts tokens at an operator that stands outside of all brackets. */
export function split(tokens: readonly Token[], operator: string): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "operator") {
      if ("([{".includes(token.text)) depth += 1;
      if (")]}".includes(token.text)) depth -= 1;
    }
    if (token.kind === "operator" && token.text === operator && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
