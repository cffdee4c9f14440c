import { closing, dotted, type Expression, expression, split } from "./expression.ts";
import { type LogicalLine, logicalLines, type Token } from "./tokens.ts";

/** Where an imported name comes from: a module, with leading dots where it is relative, and a name in it. */
export interface Import {
  module: string;
  /** Undefined where the module itself is imported. */
  name: string | undefined;
}

export interface PythonFunction {
  /** Parameters that a caller has to give. */
  required: number;
  /** Whether a call gives a coroutine and not what is returned. */
  async: boolean;
  assigned: Map<string, Expression>;
  returns: Expression[];
  /** The annotation of what it returns. */
  annotation: Expression | undefined;
  decorators: readonly Call[];
}

/** A decorator or a call that stands alone, like `@app.get("/")` or `app.run()`. */
export interface Call extends Expression {
  decorates: boolean;
  /** The outermost function or class that it stands in; undefined where it runs as the module is imported. */
  within: string | undefined;
  /** What it decorates, where that is a function. */
  decorated?: PythonFunction | undefined;
}

/** What a module's source says of its names, read and never run. What stands below `if __name__ == …` is only in `main`. */
export interface PythonModule {
  imports: Map<string, Import>;
  /** The modules of `from … import *`, the first one first. */
  stars: string[];
  assigned: Map<string, Expression>;
  main: Map<string, Expression>;
  functions: Map<string, PythonFunction>;
  /** Classes with their bases. */
  classes: Map<string, Expression[]>;
  calls: Call[];
  lines: readonly LogicalLine[];
}

interface Block {
  indent: number;
  kind: "function" | "class" | "other" | "main";
  name?: string;
  function?: PythonFunction;
}

export function readModule(source: string): PythonModule {
  const lines = logicalLines(source);
  const module: PythonModule = {
    imports: new Map(),
    stars: [],
    assigned: new Map(),
    main: new Map(),
    functions: new Map(),
    classes: new Map(),
    calls: [],
    lines,
  };
  let blocks: Block[] = [];
  let decorators: Call[] = [];
  for (const { indent, tokens: all } of lines) {
    blocks = blocks.filter((block) => block.indent < indent);
    const tokens = all[0]?.text === "async" ? all.slice(1) : all;
    const [first, second] = tokens;
    const open = blocks.filter(({ kind }) => kind !== "other");
    if (open.some(({ kind }) => kind === "main")) {
      for (const name of assignedNames(tokens) ?? [])
        module.main.set(name, expression(split(tokens, "=").at(-1) ?? []));
      continue;
    }
    const outermost = open[0];
    const scope: "module" | PythonFunction | undefined =
      outermost === undefined ? "module" : open.length === 1 ? outermost.function : undefined;
    const within = outermost?.name;

    if (first?.text === "def" && second) {
      const read = readFunction(tokens, all !== tokens, decorators);
      for (const call of decorators) call.decorated = read;
      decorators = [];
      if (scope === "module") module.functions.set(second.text, read);
      blocks.push({ indent, kind: "function", name: second.text, function: read });
    } else if (first?.text === "class" && second) {
      const bases = tokens[2]?.text === "(" ? split(tokens.slice(3, closing(tokens, 2)), ",") : [];
      if (scope === "module")
        module.classes.set(
          second.text,
          bases.map((base) => expression(base)),
        );
      blocks.push({ indent, kind: "class", name: second.text });
      decorators = [];
    } else if (opensBlock(tokens)) {
      blocks.push({ indent, kind: isMain(tokens) ? "main" : "other" });
    } else if (first?.text === "from" || first?.text === "import") {
      for (const [name, from] of readImport(tokens)) {
        if (name === "*") module.stars.push(from.module);
        else module.imports.set(name, from);
      }
    } else if (first?.text === "@") {
      const call: Call = { ...expression(tokens.slice(1)), decorates: true, within };
      module.calls.push(call);
      decorators.push(call);
    } else if (first?.text === "return") {
      if (tokens.length > 1) open.at(-1)?.function?.returns.push(expression(tokens.slice(1)));
    } else {
      const value = expression(split(tokens, "=").at(-1) ?? []);
      const names = assignedNames(tokens);
      if (!names) module.calls.push({ ...value, decorates: false, within });
      const target = scope === "module" ? module.assigned : scope?.assigned;
      for (const name of names ?? []) target?.set(name, { ...value, before: target.get(name) });
    }
  }
  return module;
}

function readFunction(tokens: readonly Token[], async: boolean, decorators: readonly Call[]): PythonFunction {
  const end = closing(tokens, 2);
  const parameters = split(tokens.slice(3, end), ",").filter(([first]) => first?.kind === "name");
  const required = parameters.filter((each) => !each.some(({ text }) => text === "=")).length;
  const rest = tokens.slice(end + 1);
  const colon = split(rest, ":");
  const annotation = rest[0]?.text === "->" ? expression((colon[0] ?? []).slice(1)) : undefined;
  const read: PythonFunction = { required, async, assigned: new Map(), returns: [], annotation, decorators };
  const suite = colon.slice(1).flat();
  if (suite[0]?.text === "return") read.returns.push(expression(suite.slice(1)));
  return read;
}

/** Whether a line like `if x:` or `with y as z:` opens a block of the scope that it stands in. */
function opensBlock(tokens: readonly Token[]): boolean {
  const words = ["if", "elif", "else", "try", "except", "finally", "with", "for", "while", "match", "case"];
  return words.includes(tokens[0]?.text ?? "") && tokens.at(-1)?.text === ":";
}

/** Whether it is `if __name__ == "__main__":`. */
function isMain(tokens: readonly Token[]): boolean {
  const has = (word: string) => tokens.some(({ text }) => text === word);
  return has("__name__") && has("==") && tokens.some(({ value }) => value === "__main__");
}

/** The names that an import binds. `import a.b` binds `a`. */
function readImport(tokens: readonly Token[]): [string, Import][] {
  if (tokens[0]?.text === "import") {
    return split(tokens.slice(1), ",").map((part) => {
      const [path, end] = dotted(part, 0);
      if (part[end]?.text === "as") return [part[end + 1]?.text ?? path, { module: path, name: undefined }];
      const top = path.split(".")[0] ?? path;
      return [top, { module: top, name: undefined }];
    });
  }
  const at = tokens.findIndex(({ kind, text }) => kind === "name" && text === "import");
  const module = tokens
    .slice(1, at)
    .map(({ text }) => text)
    .join("");
  const names = tokens.slice(at + 1).filter(({ text }) => text !== "(" && text !== ")");
  return split(names, ",").flatMap(([name, as, alias]): [string, Import][] =>
    name ? [[(as && alias?.text) || name.text, { module, name: name.text }]] : [],
  );
}

/** The names that a statement assigns, `a` and `b` of `a = b = …`; undefined where it is no assignment. */
function assignedNames(tokens: readonly Token[]): string[] | undefined {
  const targets = split(tokens, "=").slice(0, -1);
  if (targets.length === 0) return undefined;
  return targets.flatMap((target) => {
    const [name, next] = target;
    return name?.kind === "name" && (target.length === 1 || next?.text === ":") ? [name.text] : [];
  });
}
