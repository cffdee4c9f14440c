import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { packageRoot } from "../command-line.ts";
import { markdownFiles } from "../docs/markdown.ts";
import { commandLinesIn, commandNames, optionNames, whyRefused } from "./command-lines.ts";
import { type Node, nodesOf, placeOf, type Source, sources, textsOf, unknown } from "./source.ts";

/** Every command that is printed or documented exists, with its options. */

let all: Source[];
let pages: { file: string; text: string }[];
const read = (file: string) => readFile(path.join(packageRoot, file), "utf8");
before(async () => {
  all = await sources();
  pages = await Promise.all((await markdownFiles()).map(async (file) => ({ file, text: await read(file) })));
});

interface Found {
  place: string;
  line: string;
}

async function refused(found: readonly Found[]): Promise<string[]> {
  const told = await Promise.all(found.map(async ({ place, line }) => ({ place, line, why: await whyRefused(line) })));
  return told.flatMap(({ place, line, why }) => (why ? [`${place}: ${line}: ${why}`] : []));
}

/** Texts of the source: those that are no part of another. */
function textNodes({ tree }: Source): Node[] {
  const inner = new Set<Node>();
  const texts: Node[] = [];
  for (const node of nodesOf(tree)) {
    if (inner.has(node) || node.type === "ImportDeclaration") {
      for (const one of nodesOf(node)) inner.add(one);
      continue;
    }
    if (node.type === "TemplateLiteral" || (node.type === "Literal" && typeof node.value === "string")) {
      texts.push(node);
      for (const one of nodesOf(node)) inner.add(one);
    }
  }
  return texts;
}

/** Where a command line is made of what is only known then, and why that is one. */
const madeElsewhere: Record<string, string> = {
  "src/failure.ts": "the command that failed",
  "src/commands/hint.ts": "the command of a fix, which is found where the fix is",
  "src/cli/wrong-call.ts": "the help of the command that was called",
};

test("command lines are found in sentences, and wrong ones are refused", async () => {
  const found = (text: string) => commandLinesIn(text);
  assert.deepEqual(found("Run multivac deploy again; or multivac sandbox stop."), ["deploy", "sandbox stop"]);
  assert.deepEqual(found("Make it: multivac plan --out FILE"), ["plan --out FILE"]);
  assert.deepEqual(found("`multivac deploy --plan plan.json --yes`"), ["deploy --plan plan.json --yes"]);
  assert.deepEqual(found("multivac needs Node 20; multivac:name is a tag"), []);
  for (const line of ["deploi", "deploy --nope", "deploy here", "sandbox begin", "deploy --image x"])
    assert.ok(await whyRefused(line), line);
  for (const line of [
    "deploy --image AMI",
    "plan [--out FILE]",
    "sandbox faults faults.json",
    "--help",
    "deploy -e dev",
  ])
    assert.equal(await whyRefused(line), undefined, line);
});

test("each command line that the tool prints is one that it takes", async () => {
  const found = all.flatMap((source) => [
    ...textNodes(source).flatMap((node) =>
      textsOf(node).flatMap((text) => commandLinesIn(text).map((line) => ({ place: placeOf(source, node), line }))),
    ),
    ...[...nodesOf(source.tree)]
      .filter((node) => node.type === "CallExpression" && node.callee.name === "commandLine")
      .flatMap((node) => textsOf(node.arguments[0]).map((line) => ({ place: placeOf(source, node), line }))),
  ]);
  const known = found.filter(({ line, place }) => {
    if (line.split(" ")[0] !== unknown) return true;
    assert.ok(
      Object.keys(madeElsewhere).some((file) => place.startsWith(file)),
      `${place}: which command is this?`,
    );
    return false;
  });
  assert.ok(known.length > 30, `${known.length}`);
  assert.deepEqual(await refused(known), []);
});

test("each option that the tool's texts name exists", () => {
  /** Command lines of other programs, what this one gives git, and what servers of apps take. */
  const others = /\b(aws|apt-get|packer|python3|pip) [^`\n]*|--porcelain/g;
  const ofServers =
    /^--(listen|call|bind|factory|host|port|bundle|platform|no-dev|no-emit-project|no-hashes|without-hashes|with)$/;
  const wrong = all
    .filter(({ file }) => !/^src\/(sandbox|bake)\//.test(file))
    .flatMap((source) =>
      textNodes(source).flatMap((node) =>
        // One word alone is a part of another program's command line.
        textsOf(node).flatMap((text) =>
          [...(text.includes(" ") ? text.replaceAll(others, "") : "").matchAll(/(?<![\w-])--[a-z][a-z-]+(?![\w-])/g)]
            .filter(([option]) => !optionNames.has(option) && !ofServers.test(option))
            .map(([option]) => `${placeOf(source, node)}: ${option}`),
        ),
      ),
    );
  assert.deepEqual(wrong, []);
});

/** A command line without what the shell does with it. */
function alone(line: string): string {
  return line.replace(/\s+[|>&].*$|\)$| \\$/, "");
}

/** Lines of code blocks, indented or fenced. */
function codeLines(text: string): string[] {
  const fenced = [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].flatMap(([, code = ""]) => code.split("\n"));
  return [...fenced, ...[...text.matchAll(/^ {4}(.*)$/gm)].map(([, line = ""]) => line)];
}

test("each command line in the documentation is one that the tool takes", async () => {
  const found = pages.flatMap(({ file, text }) => {
    const lines = codeLines(text).flatMap((line) => {
      const [, command] =
        /(?:^|\s)(?:npx )?(?:multivac|node dist\/cli\.js) +(.*)$/.exec(line.replace(/\s+#.*$/, "")) ?? [];
      return command && !/^\$/.test(command) ? [command] : [];
    });
    const inline = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = ""]) => {
      if (code.startsWith("multivac ")) return [code.slice("multivac ".length)];
      const isOurs = commandNames.some((name) => code.startsWith(`${name} `)) && /^[a-z ]+ \[?--/.test(code);
      return isOurs ? [code] : [];
    });
    return [...lines, ...inline].map((line) => ({ place: file, line: alone(line).replace("<command>", "deploy") }));
  });
  assert.ok(found.length > 40, `${found.length}`);
  assert.deepEqual(await refused(found), []);
});

/** Options of other programs that the documentation names. */
const ofOthers = new Set([
  "--find-links",
  "--host",
  "--every",
  "--rounds",
  "--quick",
  "--scenario",
  "--seeds",
  "--rate",
]);

test("each option and script that the documentation names exists", async () => {
  const { scripts } = JSON.parse(await read("package.json"));
  const wrong = pages.flatMap(({ file, text }) => [
    ...[...text.matchAll(/`\[?(--[a-z][a-z-]+)[^`\n]*`/g)]
      .filter(([, option = ""]) => !optionNames.has(option) && !ofOthers.has(option))
      .map(([, option]) => `${file}: ${option}`),
    ...[...text.matchAll(/npm run ([a-z:]+)/g)]
      .filter(([, script = ""]) => !(script in scripts))
      .map(([, script]) => `${file}: npm run ${script}`),
  ]);
  assert.deepEqual(wrong, []);
});

test("each page of the documentation that the tool's texts name is in the package", async () => {
  const named = all.flatMap((source) =>
    textNodes(source).flatMap((node) => textsOf(node).flatMap((text) => text.match(/\bdocs\/[a-z-]+\.md/g) ?? [])),
  );
  assert.ok(named.length > 0);
  for (const page of new Set(named)) await read(page);
  const { files } = JSON.parse(await read("package.json"));
  assert.ok(files.includes("docs/*.md"));
});
