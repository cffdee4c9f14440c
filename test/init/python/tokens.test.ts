import assert from "node:assert/strict";
import { test } from "node:test";
import { logicalLines } from "../../../src/init/python/tokens.ts";

const texts = (source: string) => logicalLines(source).map(({ tokens }) => tokens.map(({ text }) => text).join(" "));

test("brackets and backslashes join lines, semicolons part them, comments are none", () => {
  assert.deepEqual(texts("a = (1, # one\n  2,\n\n  3)\nb = \\\n  4; c = 5 # end\n\n# d = 6"), [
    "a = ( 1 , 2 , 3 )",
    "b = 4",
    "c = 5",
  ]);
});

test("indents are columns, a tab to the next multiple of 8", () => {
  const lines = logicalLines("if x:\n    a\n\tb\n  \tc\nd");
  assert.deepEqual(
    lines.map(({ indent }) => indent),
    [0, 4, 8, 8, 0],
  );
});

for (const [what, source, value] of [
  ["double quotes", '"a#b"', "a#b"],
  ["escapes", String.raw`'it\'s\n'`, "it's\n"],
  ["a raw string", String.raw`r"\d"`, String.raw`\d`],
  ["bytes", 'b"x"', "x"],
  ["three quotes over lines", '"""a\n"b"\n"""', 'a\n"b"\n'],
  ["an empty one", '""', ""],
  ["a formatted one", 'f"{x}"', undefined],
  ["one that holds its own quotes, since Python 3.12", 'f"{x["a#b"]} {{"', undefined],
  ["one with a format and a nested string", `f'{x:>{width}} {"}"}'`, undefined],
] as const) {
  test(`a string: ${what}`, () => {
    const [line, next] = logicalLines(`${source}\nafter`);
    assert.deepEqual(line?.tokens, [{ kind: "string", text: source, ...(value === undefined ? {} : { value }) }]);
    assert.equal(next?.tokens[0]?.text, "after");
  });
}

test("what is no Python gives tokens and no error", () => {
  for (const source of [
    "'open",
    '"""open',
    'f"{open',
    "((((",
    "))))",
    "\\",
    "\u0000\ufffd",
    "\ufeffx = 1",
    "a\r\nb\rc",
  ])
    assert.ok(logicalLines(source).length >= 0);
  assert.deepEqual(texts("a\r\nb\rc"), ["a", "b", "c"]);
  assert.deepEqual(texts("x = 'open\ny"), ["x = 'open", "y"], "an open string ends with its line");
});
