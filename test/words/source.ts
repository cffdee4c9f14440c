import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parseAst } from "rolldown/parseAst";
import { packageRoot } from "../command-line.ts";

/** A node of a syntax tree (ESTree with TypeScript), as far as words are looked for in it. */
export interface Node {
  type: string;
  start: number;
  end: number;
  // biome-ignore lint/suspicious/noExplicitAny: each type of node has fields of its own
  [field: string]: any;
}

export interface Source {
  /** From the repository's root. */
  file: string;
  text: string;
  tree: Node;
}

/** Every file of src/, parsed. */
export async function sources(): Promise<Source[]> {
  const names = await readdir(path.join(packageRoot, "src"), { recursive: true });
  const files = names.filter((name) => name.endsWith(".ts")).map((name) => `src/${name}`);
  return Promise.all(
    files.sort().map(async (file) => {
      const text = await readFile(path.join(packageRoot, file), "utf8");
      return { file, text, tree: parseAst(text, { lang: "ts" }) as unknown as Node };
    }),
  );
}

/** Where a node stands, as an editor finds it. */
export function placeOf({ file, text }: Source, { start }: Node): string {
  return `${file}:${text.slice(0, start).split("\n").length}`;
}

/** Every node below a node, itself first. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === "object" && child !== null && typeof child.type === "string") yield* nodesOf(child);
    }
  }
}

/** What stands in a text for a part that is only known when it runs. */
export const unknown = "…";

/** The texts that an expression can come to; a call of `commandLine` is the command line that it gives. */
export function textsOf(node: Node | undefined): string[] {
  switch (node?.type) {
    case "Literal":
      return [`${node.value}`];
    case "TemplateLiteral": {
      const quasis: Node[] = node.quasis;
      return quasis.reduce<string[]>(
        (texts, quasi, index) => {
          const after = index < node.expressions.length ? textsOf(node.expressions[index]) : [""];
          return texts.flatMap((text) => after.map((one) => `${text}${quasi.value.cooked}${one}`));
        },
        [""],
      );
    }
    case "ConditionalExpression":
      return [...textsOf(node.consequent), ...textsOf(node.alternate)];
    case "LogicalExpression":
      return [...(node.operator === "&&" ? [""] : textsOf(node.left)), ...textsOf(node.right)];
    case "BinaryExpression":
      return textsOf(node.left).flatMap((left) => textsOf(node.right).map((right) => `${left}${right}`));
    case "ArrowFunctionExpression":
      return node.body.type === "BlockStatement" ? [unknown] : textsOf(node.body);
    case "TSAsExpression":
    case "ParenthesizedExpression":
      return textsOf(node.expression);
    case "CallExpression":
      if (node.callee.name === "commandLine") return textsOf(node.arguments[0]).map((command) => `multivac ${command}`);
      return [unknown];
    default:
      return [unknown];
  }
}

/** The values of an object literal's keys; `spread` where it takes another object's in. */
export function entriesOf(object: Node): { values: Map<string, Node>; spread: boolean } {
  const properties: Node[] = object.properties;
  const values = properties.flatMap((one): [string, Node][] =>
    one.type === "Property" ? [[one.key.name ?? one.key.value, one.value]] : [],
  );
  return { values: new Map(values), spread: properties.some(({ type }) => type === "SpreadElement") };
}
